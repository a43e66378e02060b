import { worstFirst } from '../core/status/condition.ts';
import {
  type Condition,
  type DatabaseStatus,
  type DetailDocument,
  type StatusDocument,
} from '../core/documents/status.ts';
import {
  ENGLISH,
  formatAge,
  formatDate,
  formatList,
  formatSize,
  formatTime,
} from '../core/lib/text/format.ts';
import { isOnlyPlanned } from '../core/status/scheduled.ts';
import { backupTable } from './backup-text.ts';
import { coloured, type Colour } from './colour.ts';
import { table } from './table.ts';

// examples/django/lifeboat_backups/table.py prints the same table; a test compares the two.
const HEADS = [
  'DATABASE',
  'CONDITION',
  'LAST BACKUP',
  'SIZE',
  'VERDICT',
  'BACKUPS',
  'STORED',
  'RESTORE TEST',
  'NEXT',
  'LAST FAILURE',
  'WHY',
];
const CONDITION_COLOURS: Readonly<Record<Condition, Colour>> = {
  good: 'green',
  attention: 'yellow',
  late: 'yellow',
  missing: 'red',
  failing: 'red',
};
const NEXT_FROM = {
  'cloud-scheduler': 'from Cloud Scheduler',
  configuration: 'planned in lifeboat.yaml',
} as const;
const RUNS_IN = {
  function: '',
  http: ', in the function backup-now',
  job: ', as a Cloud Run job',
} as const;
const MOST_BACKUPS = 20;
const NEVER_SCHEDULED =
  'no run has ever been started by a schedule (`lifeboat install-timer` sets one up)';

/** One line for each database, the worst first. */
export function statusTable(
  { at, databases }: StatusDocument,
  colours: boolean,
  columns = Infinity,
): string {
  const rows = worstFirst(databases).map((each) => [
    each.name,
    conditionText(each, colours),
    each.lastBackup ? ageOf(each.lastBackup.takenAt, at) : 'never',
    each.lastBackup ? formatSize(ENGLISH, each.lastBackup.size) : '',
    each.lastBackup?.verdict ?? '',
    String(each.backups),
    formatSize(ENGLISH, each.storedBytes),
    restoreTestText(each, at),
    each.nextBackup ? ageOf(each.nextBackup, at) : '',
    each.lastFailure ? `${each.lastFailure.code} ${ageOf(each.lastFailure.at, at)}` : '',
    each.reasons.join(', '),
  ]);
  return table([HEADS, ...rows], columns);
}

/** Says which databases have a schedule that nothing runs; empty when there are none. */
export function unscheduledNote({ databases }: StatusDocument): string {
  const names = databases.filter(isOnlyPlanned).map(({ name }) => name);
  if (names.length === 0) return '';
  return `\nNo run of ${formatList(ENGLISH, names)} has ever been started by a schedule. \`lifeboat install-timer\` sets one up.\n`;
}

/** Everything about one database. */
export function statusDetail(
  detail: DetailDocument,
  timeZone: string,
  colours: boolean,
  columns = Infinity,
): string {
  const lines = factsOf(detail, timeZone, colours);
  const width = Math.max(...lines.map(([label]) => label.length));
  const facts = lines.map(([label, text]) => `${label.padEnd(width)}  ${text}`).join('\n');
  return `${facts}\n${historyText(detail, { timeZone, colours, columns })}`;
}

function factsOf(
  detail: DetailDocument,
  timeZone: string,
  colours: boolean,
): (readonly [label: string, text: string])[] {
  const { at, name, reasons, lastFailure, lastRestoreTest, nextFrom, runsIn } = detail;
  const time = (moment: string | null): string =>
    moment === null ? 'none' : `${formatTime(ENGLISH, moment, timeZone)} (${ageOf(moment, at)})`;
  const problem = lastRestoreTest?.problem ? `: ${lastRestoreTest.problem}` : '';
  return [
    ['Database', name],
    ['Condition', [conditionText(detail, colours), reasons.join(', ')].filter(Boolean).join(': ')],
    ['Last backup', time(detail.lastBackup?.takenAt ?? null)],
    [
      'Next backup',
      `${time(detail.nextBackup)}${nextFrom === null ? '' : `, ${NEXT_FROM[nextFrom]}`}${runsIn === null ? '' : RUNS_IN[runsIn]}${isOnlyPlanned(detail) ? `; ${NEVER_SCHEDULED}` : ''}`,
    ],
    ['Restore test', `${restoreTestText(detail, at)}${problem}`],
    ['Backups', keptText(detail, timeZone)],
    ...(lastFailure
      ? ([
          ['Last failure', `${time(lastFailure.at)} ${lastFailure.code}: ${lastFailure.message}`],
          ['', lastFailure.hint],
        ] as const)
      : []),
  ];
}

function keptText(detail: DetailDocument, timeZone: string): string {
  const { backups, storedBytes, oldestBackup, keptUntil } = detail;
  const day = (moment: string): string => formatDate(ENGLISH, moment, timeZone);
  const parts = [`${backups}, ${formatSize(ENGLISH, storedBytes)}`];
  if (oldestBackup !== null) parts.push(`the oldest from ${day(oldestBackup)}`);
  if (keptUntil !== null) parts.push(`the last one expires on ${day(keptUntil)}`);
  return parts.join(', ');
}

function historyText(
  { at, name, history }: DetailDocument,
  { timeZone, ...look }: { timeZone: string; colours: boolean; columns: number },
): string {
  if (history.length === 0) return '';
  const rest = history.length - MOST_BACKUPS;
  const more = rest > 0 ? `… and ${rest} older: lifeboat list ${name}\n` : '';
  const options = { ...look, timeZoneOf: () => timeZone, now: Date.parse(at) };
  return `\n${backupTable(history.slice(0, MOST_BACKUPS), options)}${more}`;
}

function ageOf(moment: string, now: string): string {
  return formatAge(Date.parse(moment) - Date.parse(now));
}

function restoreTestText({ lastRestoreTest }: DatabaseStatus, at: string): string {
  return lastRestoreTest
    ? `${lastRestoreTest.ok ? 'ok' : 'FAILED'} ${ageOf(lastRestoreTest.at, at)}`
    : 'never';
}

function conditionText({ condition }: DatabaseStatus, colours: boolean): string {
  return coloured(condition, colours ? CONDITION_COLOURS[condition] : undefined);
}
