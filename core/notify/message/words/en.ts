import { verifyCommands } from './commands.ts';
import type { MessageWords } from './words.ts';

export const englishMessages: MessageWords = {
  locale: 'en',
  intl: 'en-GB',
  title: {
    failed: (database) => `${database}: backup failed`,
    'still-failing': (database) => `${database}: backups are still failing`,
    guard: (database) => `${database}: backup refused by the guard`,
    late: (database) => `${database}: backup is late`,
    missing: (database) => `${database}: no backup`,
    'copy-failing': (database) => `${database}: copying the backup failed`,
    'hook-failing': (database) => `${database}: the hook after the backup failed`,
    'space-low': (database) => `${database}: space is running low`,
    'watch-alarm': (database) => `${database}: the watch found a problem`,
    recovered: (database) => `${database}: problem resolved`,
    digest: (databases) => `${databases} have problems`,
    'digest-recovered': (databases) => `${databases}: problems resolved`,
    'restore-test-passed': () => 'Restore test passed',
    'restore-test-failed': () => 'Restore test failed',
    sample: () => 'This is a test notification',
  },
  lead: {
    failed: 'The last run made no backup.',
    'still-failing':
      'Backups have failed since the first alert. There will be no new backup until the problem is fixed.',
    guard:
      'The database lost much of its data since the last backup, so Lifeboat refused to back it up. The last good backup remains the latest.',
    late: 'A scheduled backup did not run on time.',
    missing: 'This database is in lifeboat.yaml, but it has no verified backup.',
    'copy-failing': 'The backup was made and verified, but one of its copies failed.',
    'hook-failing': 'The command in `hooks.after` failed.',
    'space-low': 'Backups still work, but less space is free than the configured reserve.',
    'watch-alarm': 'A check of the backups or their setup found a problem.',
    recovered: 'The problem reported earlier is resolved.',
    digest: 'Grouped by cause, the most urgent first.',
    'digest-recovered': 'The problems reported earlier are resolved.',
    'restore-test-passed':
      'Lifeboat restored backups into isolated temporary storage and checked them.',
    'restore-test-failed':
      'Lifeboat restored backups into isolated temporary storage and checked them. Some did not pass.',
    sample:
      'If you can read this, the channel works. Nothing has failed, and there is nothing to do.',
  },
  failedLead: (code) =>
    code === 'backup_damaged' || code === 'backup_forged'
      ? 'The last run made no backup, because a stored backup is damaged. Rely only on the last good backup named below.'
      : code.startsWith('store_')
        ? 'The last run made no backup, because Lifeboat could not use the store.'
        : 'The last run made no backup. Earlier backups are not affected.',
  hookLead: {
    made: 'The command in `hooks.after` failed. The backup itself was made.',
    failed: 'The command in `hooks.after` failed. It ran after a backup that had failed.',
    unknown: 'The command in `hooks.after` failed.',
  },
  alarm: {
    bucket: {
      title: (store) => `${store}: a bucket setting endangers backups`,
      lead: 'A setting of the bucket is not what backups need. Depending on the setting, backups may be deleted early, never expire, or lose their protection.',
    },
    configuration: {
      title: () => 'No database is configured',
      lead: 'lifeboat.yaml has no database, so nothing is backed up or watched.',
    },
    holds: {
      title: (database) => `${database}: the protection of its backups has changed`,
      lead: 'Lifeboat holds the latest two backups, so that they never expire, and releases older ones. The holds in the store are different.',
    },
    clock: {
      title: (database) => `${database}: the latest backup is from the future`,
      lead: 'A clock was wrong when the backup was made, or is wrong now. Lifeboat keeps this backup, and you can restore it by its id, but an older one counts as the newest.',
    },
    inspection: {
      title: (database) => `${database}: the latest backup could only be partly checked`,
      lead: 'The backup is stored, but Lifeboat could not prove that it is healthy.',
    },
    key: {
      title: (database) => `${database}: the watch cannot recognize planted backups`,
      lead: 'The backups are authenticated, but the watch has no LIFEBOAT_KEY. Until it has the key, a planted backup could hide that real ones are late or missing.',
    },
    objects: {
      title: (database) => `${database}: a backup is damaged`,
      lead: 'Files of a backup are missing or changed in the store, so it will not restore. Rely only on the last good backup named below.',
    },
    other: {
      title: (database) => `${database}: the watch found a problem`,
      lead: 'A check of the backups or their setup found a problem.',
    },
    place: {
      title: (database) => `${database}: the database has outgrown where its backups run`,
      lead: 'Its backups need more memory or time than they get on Google Cloud, so the next one may fail. Existing backups are not affected.',
    },
    'restore-test': {
      title: (database) => `${database}: the restore test failed`,
      lead: 'A backup did not pass its restore test. Rely only on the last good backup named below.',
    },
    'restore-test-overdue': {
      title: (database) => `${database}: the restore test is overdue`,
      lead: 'Nothing is known to be wrong, but no restore test has proven lately that the backups restore.',
    },
    run: {
      title: (database) => `${database}: a run never ended`,
      lead: 'A run started and left no result. Earlier backups are not affected.',
    },
    salvage: {
      title: (database) => `${database}: the database fails its inspection`,
      lead: 'Lifeboat keeps salvage copies, but makes no backup until the database is healthy.',
    },
    schedule: {
      title: (database) => `${database}: a schedule does not run as configured`,
      lead: 'A Cloud Scheduler job is paused, missing, failing or different, so the next run may not start. Existing backups are not affected.',
    },
    store: {
      title: (store) => `${store}: the store could not be checked`,
      lead: 'The watch could not read the store, so it does not know whether the backups are complete.',
    },
    unconfigured: {
      title: (store) => `${store}: a database is no longer configured`,
      lead: 'A database that was backed up on a schedule is no longer in lifeboat.yaml. Its latest backups are kept, but there are no new ones.',
    },
  },
  resolved: (date) => `The problem reported on ${date} is resolved.`,
  advice: {
    guard: ({ database, backup }) =>
      `If the loss is intended, run \`lifeboat backup ${database} --accept\` once. If it is not, restore the last good backup: \`lifeboat restore ${database}${backup === undefined ? '' : ` --at ${backup}`} --to ${database}.restored.sqlite3\`.`,
  },
  backUpNow: (command) => `Then back it up: ${command}`,
  goBack: (command) =>
    `To go back to the last good backup, restore it beside the database: ${command}`,
  checkSchedule:
    "On the machine that makes the backups, check that their schedule is on: `systemctl list-timers 'lifeboat*'` (timers of a user: `systemctl --user list-timers 'lifeboat*'`), `crontab -l`, `launchctl list | grep lifeboat`, or that `lifeboat serve` is running.",
  verifyFailed: (databases) => [
    'Find out what is damaged, then make a full backup:',
    ...databases.flatMap(verifyCommands),
  ],
  label: {
    database: 'Database',
    databases: 'Databases',
    step: 'Failed step',
    check: 'Check',
    why: 'Reason',
    code: 'Code',
    original: 'Error message',
    at: 'When',
    since: 'Since',
    failedSince: 'Failing since',
    lastGood: 'Last good backup',
    run: 'Run',
    whatToDo: 'What to do',
    nextTry: 'Next try',
    machine: 'Machine',
    store: 'Store',
    details: 'Details',
    openLog: 'Open the log of this run',
    openPage: 'Open the status page',
    howToRestore: 'How to restore',
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
  in: (duration) => `in ${duration}`,
  lessThanAMinute: 'less than a minute',
  tested: (passed, total) => `${passed} of ${countInEnglish(total)} passed.`,
  passed: (count, others) => `${count} ${others ? (count === 1 ? 'other ' : 'others ') : ''}passed`,
  several: countInEnglish,
  more: (count) => `and ${count} more`,
  moreDatabases: (count) => `and ${count} more ${count === 1 ? 'database' : 'databases'}`,
  onHost: (title, host) => `${title} on ${host}`,
  placeholder: '<database>',
  sentBy: (tool) => `Sent by ${tool}`,
};

function countInEnglish(count: number): string {
  return count === 1 ? '1 database' : `${count} databases`;
}
