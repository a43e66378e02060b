import type { Words } from './words.ts';

function databases(count: number): string {
  return count === 1 ? '1 database' : `${count} databases`;
}
function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}
function counted(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

export const en: Words = {
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
  are: {
    good: (subject, count) => `${subject} ${are(count)} good`,
    attention: (subject, count) => `${subject} ${count === 1 ? 'needs' : 'need'} attention`,
    late: (subject, count) => `${subject} ${are(count)} late`,
    missing: (subject, count) => `${subject} ${count === 1 ? 'has' : 'have'} no backup`,
    failing: (subject, count) => `${subject} ${are(count)} failing`,
  },
  databases,
  reason: {
    'backup-failed': 'The last backup failed.',
    'restore-test-failed': 'The last restore test failed.',
    missing: 'The store has no verified backup of it.',
    late: 'A scheduled backup did not arrive in time.',
    inconclusive: 'The newest backup could not be judged in full.',
    'restore-test-overdue': 'No restore test passed for a long time.',
    'schedule-paused': 'Its schedule is paused.',
    'not-configured': 'There are backups of it, but the configuration does not name it.',
  },
  kind: { full: 'full', incremental: 'incremental' },
  verdict: { ok: 'verified', inconclusive: 'inconclusive', failed: 'failed' },
  tone: { good: 'good', warn: 'inconclusive', bad: 'failed' },
  operation: { backup: 'Backup', 'restore-test': 'Restore test' },
  from: { 'cloud-scheduler': 'Cloud Scheduler', configuration: 'the configuration' },
  overview: {
    nothing: 'No database is configured.',
    nothingHint: 'Name one under `databases` in lifeboat.yaml, and it appears here.',
    good: (subject, count) =>
      count === 1 ? `${subject} is backed up.` : `All ${count} databases are backed up.`,
    rest: (count) => (count === 1 ? 'The other one is good.' : `The other ${count} are good.`),
    tested: (passed, total) => `${passed} of ${databases(total)} passed the last restore test.`,
    testedAll: (count) =>
      count === 1
        ? 'It passed its last restore test.'
        : 'All of them passed their last restore test.',
    untested: 'There has been no restore test yet.',
    list: 'Databases',
    filter: 'Filter by name',
    apply: 'Filter',
    showAll: 'Show all',
    matching: (shown, total) => `${shown} of ${databases(total)}`,
    noMatch: (filter) => `No database has “${filter}” in its name.`,
  },
  label: {
    skip: 'Skip to the content',
    asOf: 'As of',
    store: 'Store',
    lastBackup: 'Last backup',
    lastFailure: 'Last failure',
    restoreTest: 'Restore test',
    nextBackup: 'Next backup',
    wasDue: 'Backup was due',
    kept: 'Kept',
    size: 'Size',
    duration: 'Duration',
    whatToDo: 'What to do',
    noBackup: 'None yet',
    noTest: 'None yet',
    noNext: 'Not scheduled',
    passed: 'passed',
    failed: 'failed',
    legend: 'Each bar is a run, the newest on the right:',
    json: 'As JSON',
    metrics: 'Metrics',
    step: 'step',
    held: 'held',
    back: 'All databases',
  },
  backups: (count) => counted(count, 'backup', 'backups'),
  stored: (size) => `${size} stored`,
  until: (date) => `until ${date}`,
  restoredIn: (took) => `restored in ${took}`,
  by: (who) => `says ${who}`,
  runs: (count) => counted(count, 'run', 'runs'),
  strip: (total, { good, warn, bad }) =>
    `Last ${counted(total, 'run', 'runs')}: ${good} good${warn > 0 ? `, ${warn} inconclusive` : ''}${bad > 0 ? `, ${bad} failed` : ''}`,
  notGood: (count) => (count === 0 ? 'all good' : `${count} not good`),
  trend: (label, from, to, count) =>
    `${label}: from ${from} to ${to} in ${counted(count, 'backup', 'backups')}`,
  allRuns: (name) => `All runs of ${name}`,
  page: {
    runs: 'Runs',
    noRuns: 'Nothing has run yet.',
    olderRuns: (count) => counted(count, 'older run', 'older runs'),
    size: 'Size of the database',
    stored: 'Stored by each backup',
    tooFew: 'Drawn from the second backup on.',
    inTable: 'The figures stand in the list of backups.',
    rows: 'Rows by table',
    rowsOf: (count) => `${count} rows`,
    moreTables: (count) => `and ${counted(count, 'smaller table', 'smaller tables')}`,
    same: 'unchanged',
    backups: 'Backups',
    backupsHint:
      'Each chain is a full backup and the increments that hang on it. Any of them is restored by one command.',
    chainOf: (date) => `Chain of ${date}`,
    increments: (count) => counted(count, 'increment', 'increments'),
    hangsOn: (id) => `differs from ${id}`,
    baseElsewhere: 'The full backup of these increments is older than this list.',
    restore: 'Restore',
    restoreNewest: 'Restore the newest backup',
    restoreOf: (id) => `Restore ${id}`,
    olderBackups: (count) => counted(count, 'older backup', 'older backups'),
    restoreTests: 'Restore tests',
    testOf: (date, size) => `of the backup of ${date}, ${size}`,
    manifest: 'Manifest',
    manifestOf: 'Manifest of the newest backup',
  },
  error: {
    notFound: 'There is no such page.',
    other: 'The status cannot be shown now.',
    code: 'Code',
  },
};
