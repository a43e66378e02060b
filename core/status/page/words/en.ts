import type { PageWords } from './words.ts';

export const pageEnglish: PageWords = {
  locale: 'en',
  intl: 'en-GB',
  lessThanAMinute: 'less than a minute',
  condition: {
    good: 'Good',
    attention: 'Attention',
    late: 'Late',
    missing: 'No backup',
    failing: 'Failing',
  },
  state: {
    good: (count) => `${count === 1 ? 'is' : 'are'} fine`,
    attention: (count) => `${count === 1 ? 'needs' : 'need'} attention`,
    late: (count) => `${count === 1 ? 'is' : 'are'} late`,
    missing: (count) => `${count === 1 ? 'has' : 'have'} no backup`,
    failing: (count) => `${count === 1 ? 'is' : 'are'} failing`,
    restoreTestFailed: (count) => `failed ${count === 1 ? 'its' : 'their'} last restore test`,
  },
  backupsFailing: (names) => `Backups of ${names} are failing`,
  databases,
  reason: {
    'backup-failed': 'The last backup failed.',
    'restore-test-failed': 'The last restore test failed.',
    'backup-damaged': 'The latest backup is damaged and does not restore.',
    missing: 'No backup yet.',
    late: 'A scheduled backup is overdue.',
    inconclusive: 'The latest backup could only be partly checked.',
    'backup-from-future': 'The time of a backup lies in the future, so a clock was wrong.',
    'restore-test-overdue': 'No restore test has passed recently.',
    'schedule-paused': 'The schedule is paused.',
    'schedule-unknown':
      'Cloud Scheduler did not answer, so it is unknown whether the schedule is running.',
    'not-configured': 'It has backups but is no longer in lifeboat.yaml.',
  },
  step: {
    'backup-failed': 'Back it up again:',
    'restore-test-failed': 'Find the damage, make a full backup, and test again:',
    'backup-damaged': 'Make a full backup now, then find out what was damaged:',
    missing: 'Make the first backup:',
    late: 'Back it up, then check what should have started the backup:',
    inconclusive: 'Restore it, which checks it completely:',
    'backup-from-future': 'Correct the clock of the machine that made the backup:',
    'restore-test-overdue': 'Run a restore test:',
    'schedule-paused': 'Resume the job in Cloud Scheduler:',
    'schedule-unknown': 'Check the connection and the permissions:',
    'not-configured': 'Add it to lifeboat.yaml again, or let its last backups expire:',
  },
  neverScheduled: 'planned; no run has ever been started by a schedule',
  noRun: 'no run',
  gaps: (count) => `${plural(count, 'gap', 'gaps')} without a run`,
  kind: { full: 'full', incremental: 'incremental' },
  fault: { damaged: 'damaged', suspect: 'changed in the store', future: 'from the future' },
  verdict: { ok: 'verified', inconclusive: 'inconclusive', failed: 'failed' },
  tone: { good: 'succeeded', warn: 'inconclusive', bad: 'failed' },
  operation: { backup: 'Backup', 'restore-test': 'Restore test' },
  plannedBy: {
    'cloud-scheduler': 'from Cloud Scheduler',
    configuration: 'planned in lifeboat.yaml',
  },
  runsIn: { http: 'runs in backup-now', job: 'runs as a Cloud Run job' },
  overview: {
    empty: 'No databases are configured.',
    emptyHint: 'Add one under `databases` in lifeboat.yaml, and it appears here.',
    allBackedUp: (name, count) =>
      count === 1
        ? `${name} is backed up.`
        : count === 2
          ? 'Both databases are backed up.'
          : `All ${count} databases are backed up.`,
    part: (count, total) => `${count} of ${databases(total)}`,
    othersFine: (count) => `The other ${count} are fine.`,
    tested: (passed, total) =>
      passed < total
        ? `${passed} of ${databases(total)} passed ${passed === 1 ? 'its' : 'their'} last restore test.`
        : total === 1
          ? 'It passed its last restore test.'
          : 'Every database passed its last restore test.',
    untested: 'No restore test has run yet.',
    list: 'Databases',
    filter: 'Filter by name',
    apply: 'Filter',
    showAll: 'Show all',
    noMatch: (filter) =>
      filter === '' ? 'No database is in this state.' : `No database name contains “${filter}”.`,
    moreDatabases: (count) => `and ${plural(count, 'more database', 'more databases')}`,
    pages: 'Pages',
    previous: '← Previous',
    next: 'Next →',
    pageOf: (page, pages) => `Page ${page} of ${pages}`,
  },
  label: {
    skip: 'Skip to the content',
    updated: 'Updated',
    store: 'Backup store',
    lastBackup: 'Last backup',
    lastFailure: 'Last failure',
    restoreTest: 'Restore test',
    nextBackup: 'Next backup',
    overdue: 'Backup was due',
    kept: 'Kept',
    size: 'Size',
    duration: 'Duration',
    whatToDo: 'What to do',
    noBackup: 'None yet',
    noTest: 'None yet',
    noNext: 'Not scheduled',
    passed: 'passed',
    failed: 'failed',
    legend: 'Runs over time, now on the right:',
    json: 'JSON',
    metrics: 'Metrics',
    wall: 'Wall display',
    list: 'List',
    now: 'now',
    backUpNow: 'Back up now',
    howToRestore: 'How to restore',
    step: 'step',
    held: 'on hold',
    back: 'All databases',
  },
  backups: (count) => plural(count, 'backup', 'backups'),
  stored: (size) => `${size} stored`,
  until: (date) => `until ${date}`,
  restoredIn: (duration) => `restored in ${duration}`,
  runs: (count) => plural(count, 'run', 'runs'),
  strip: (total, { good, warn, bad }) =>
    `Last ${plural(total, 'run', 'runs')}: ${good} succeeded${warn > 0 ? `, ${warn} inconclusive` : ''}${bad > 0 ? `, ${bad} failed` : ''}`,
  problems: (count) =>
    count === 0 ? 'no problems' : count === 1 ? '1 with a problem' : `${count} with problems`,
  trend: (label, from, to, count) =>
    `${label}: from ${from} to ${to} in ${plural(count, 'backup', 'backups')}`,
  allRuns: (name) => `All runs of ${name}`,
  page: {
    runs: 'Runs',
    noRuns: 'No runs yet.',
    olderRuns: (count) => plural(count, 'older run', 'older runs'),
    size: 'Database size',
    stored: 'Stored per backup',
    tooFew: 'The chart appears after the second backup.',
    numbersInList: 'The list of backups has the numbers.',
    rows: 'Rows per table',
    rowsOf: (count) => `${count} rows`,
    moreTables: (count) => `and ${plural(count, 'smaller table', 'smaller tables')}`,
    unchanged: 'unchanged',
    backups: 'Backups',
    backupsHint:
      'A chain is a full backup plus the incrementals based on it. Any backup restores with one command.',
    chainOf: (date) => `Chain from ${date}`,
    incrementals: (count) => plural(count, 'incremental', 'incrementals'),
    basedOn: (id) => `based on ${id}`,
    baseNotListed: 'The full backup of these incrementals is too old for this list.',
    restore: 'Restore',
    restoreLatest: 'Restore the latest backup',
    restoreOf: (id) => `Restore ${id}`,
    olderBackups: (count) => plural(count, 'older backup', 'older backups'),
    restoreTests: 'Restore tests',
    testOf: (date, size) => `backup from ${date}, ${size}`,
    manifest: 'Manifest',
    manifestOf: 'Manifest of the latest backup',
    range: (first, last, highest) => `${first} → ${last}, at most ${highest}`,
    findBackup: 'Find a backup by date',
    onDate: 'The state at the end of',
    find: 'Find',
    foundBackup: (date) => `The last backup up to the end of ${date}:`,
    noBackupBefore: (date) => `There is no backup from ${date} or before.`,
    isRunning: 'A backup of this database is running. This page reloads until it has ended.',
    stopFirst: 'Stop the application first if you restore over its database.',
  },
  error: {
    notFound: 'Page not found.',
    noDatabase: (name) => `There is no database called “${name}”.`,
    goToOverview: 'Go to the overview',
    usage: 'There is a mistake in this address.',
    other: 'The status is not available right now.',
    advice: () => undefined,
    code: 'Code',
  },
};

function databases(count: number): string {
  return plural(count, 'database', 'databases');
}

function plural(count: number, singular: string, form: string): string {
  return `${count} ${count === 1 ? singular : form}`;
}
