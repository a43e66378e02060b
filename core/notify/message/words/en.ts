import type { Words } from './words.ts';

function databases(count: number): string {
  return count === 1 ? '1 database' : `${count} databases`;
}

export const en: Words = {
  locale: 'en',
  intl: 'en-GB',
  title: {
    failed: (name) => `${name}: backup failed`,
    'still-failing': (name) => `${name}: backup still failing`,
    guard: (name) => `${name}: backup refused by the guard`,
    late: (name) => `${name}: backup is late`,
    missing: (name) => `${name}: there is no backup`,
    'copy-failing': (name) => `${name}: copying the backup failed`,
    'space-low': (name) => `${name}: space is running low`,
    'watch-alarm': (name) => `${name}: the watch raised an alarm`,
    recovered: (name) => `${name}: works again`,
    'restore-test-passed': () => 'Restore test passed',
    'restore-test-failed': () => 'Restore test failed',
    sample: () => 'This is a test notification',
  },
  lead: {
    failed: 'The last run made no backup. Earlier backups are untouched.',
    'still-failing':
      'It has not worked since it was first reported. Until it does, no new backups are made.',
    guard:
      'The new snapshot lost much of what the last backup holds, so it was refused. The last good backup stays the newest.',
    late: 'A scheduled backup did not arrive in time.',
    missing:
      'This database is configured to be backed up, but the store has no verified backup of it.',
    'copy-failing': 'The backup itself was made and verified, but a further copy of it was not.',
    'space-low': 'Backups still work, but the space left is below the configured reserve.',
    'watch-alarm':
      'Something around the backups is not as it should be. Backups that exist are not affected.',
    recovered: 'The trouble reported before is over.',
    'restore-test-passed': 'Backups were restored into isolated temporary storage and checked.',
    'restore-test-failed':
      'Backups were restored into isolated temporary storage and checked. Not all of them passed.',
    sample:
      'If you can read this, this channel works. Nothing has failed and there is nothing to do.',
  },
  advice: {
    failed: [],
    'still-failing': [],
    guard: [
      'If the loss is intended, run `lifeboat backup` with `--accept` once. If it is not, restore the last good backup.',
    ],
    late: [
      'Check that the schedule is not paused and that the host or function is running, then run `lifeboat backup` by hand.',
    ],
    missing: ['Run `lifeboat backup` by hand and see what it says.'],
    'copy-failing': [],
    'space-low': [],
    'watch-alarm': [],
    recovered: [],
    'restore-test-passed': [],
    'restore-test-failed': [
      'Run `lifeboat verify --read-data` on each failed database, then make a full backup of it.',
    ],
    sample: [],
  },
  label: {
    database: 'Database',
    step: 'Failed step',
    check: 'Check',
    why: 'Why',
    code: 'Code',
    at: 'When',
    since: 'Since',
    failedSince: 'Had failed since',
    lastGood: 'Last good backup',
    run: 'Run',
    whatToDo: 'What to do',
    openLog: 'Open the log of this run',
    result: 'Result',
    backup: 'Backup',
    took: 'Took',
    reason: 'Reason',
    passed: 'passed',
    failed: 'failed',
    failedBefore: 'What had failed',
  },
  tone: { bad: 'Failure', warn: 'Warning', good: 'All well', info: 'Test' },
  noGoodBackup: 'none',
  flapping:
    'It fails and recovers again and again. Further recoveries are not reported until it has been quiet for a day.',
  ago: (duration) => `${duration} ago`,
  lessThanAMinute: 'less than a minute',
  tested: (passed, total) => `${passed} of ${databases(total)} passed.`,
  more: (count) => `and ${databases(count)} more`,
  sentBy: (tool) => `Sent by ${tool}`,
};
