import type { Words } from './words.ts';

export const en: Words = {
  locale: 'en',
  intl: 'en-GB',
  title: {
    failed: (database) => `${database}: backup failed`,
    'still-failing': (database) => `${database}: backups are still failing`,
    guard: (database) => `${database}: backup refused by the guard`,
    late: (database) => `${database}: backup is late`,
    missing: (database) => `${database}: no backup`,
    'copy-failing': (database) => `${database}: copying the backup failed`,
    'space-low': (database) => `${database}: space is running low`,
    'watch-alarm': (database) => `${database}: the watch found a problem`,
    recovered: (database) => `${database}: problem resolved`,
    'restore-test-passed': () => 'Restore test passed',
    'restore-test-failed': () => 'Restore test failed',
    sample: () => 'This is a test notification',
  },
  lead: {
    failed: 'The last run made no backup. Earlier backups are intact.',
    'still-failing':
      'Backups have failed since the first alert. There will be no new backup until the problem is fixed.',
    guard:
      'The database lost much of its data since the last backup, so Lifeboat refused to back it up. The last good backup remains the latest.',
    late: 'A scheduled backup did not run on time.',
    missing: 'This database is in lifeboat.yaml but has never been backed up successfully.',
    'copy-failing': 'The backup was made and verified, but one of its copies failed.',
    'space-low': 'Backups still work, but less space is free than the configured reserve.',
    'watch-alarm':
      'A check of the backup setup found a problem. Existing backups are not affected.',
    recovered: 'The problem reported earlier is resolved.',
    'restore-test-passed':
      'Lifeboat restored backups into isolated temporary storage and checked them.',
    'restore-test-failed':
      'Lifeboat restored backups into isolated temporary storage and checked them. Some did not pass.',
    sample:
      'If you can read this, the channel works. Nothing has failed, and there is nothing to do.',
  },
  resolved: (date) => `The problem reported on ${date} is resolved.`,
  advice: {
    guard: (database) =>
      `If the loss is intended, run \`lifeboat backup ${database} --accept\` once. If it is not, restore the last good backup.`,
    late: (database) =>
      `Check that the schedule is not paused and that the host or function is running, then run \`lifeboat backup ${database}\`.`,
    missing: (database) =>
      `Run \`lifeboat backup ${database}\` and fix the problem that it reports.`,
    'restore-test-failed': () =>
      'Run `lifeboat verify --read-data` on each failed database, then make a full backup of it.',
  },
  label: {
    database: 'Database',
    step: 'Failed step',
    check: 'Check',
    why: 'Reason',
    code: 'Code',
    at: 'When',
    since: 'Since',
    failedSince: 'Failing since',
    lastGood: 'Last good backup',
    run: 'Run',
    whatToDo: 'What to do',
    openLog: 'Open the log of this run',
    result: 'Result',
    backup: 'Backup',
    passed: 'passed',
    failed: 'failed',
    failedBefore: 'Earlier failure',
  },
  tone: { bad: 'Failure', warn: 'Warning', good: 'All well', info: 'Test' },
  noGoodBackup: 'none',
  flapping:
    'This keeps failing and recovering. Further recoveries are not reported until a day passes without a failure.',
  ago: (duration) => `${duration} ago`,
  lessThanAMinute: 'less than a minute',
  tested: (passed, total) => `${passed} of ${databases(total)} passed.`,
  more: (count) => `and ${databases(count)} more`,
  sentBy: (tool) => `Sent by ${tool}`,
};

function databases(count: number): string {
  return count === 1 ? '1 database' : `${count} databases`;
}
