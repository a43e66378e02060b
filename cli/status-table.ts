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
} from '../core/lib/format.ts';
import { isOnlyPlanned } from '../core/status/scheduled.ts';
import { backupTable, table } from './output.ts';

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
const CONDITION_COLOURS: Readonly<Record<Condition, number>> = {
  good: 32,
  attention: 33,
  late: 33,
  missing: 31,
  failing: 31,
};
const NEXT_FROM = {
  'cloud-scheduler': 'from Cloud Scheduler',
  configuration: 'planned in lifeboat.yaml',
} as const;
const MOST_BACKUPS = 20;
const NEVER_SCHEDULED =
  'no run has ever been started by a schedule (`lifeboat install-timer` sets one up)';

/** One line for each database, the worst first. */
export function statusTable({ at, databases }: StatusDocument, colours: boolean): string {
  const sorted = worstFirst(databases);
  const rows = sorted.map((each) => [
    each.name,
    each.condition,
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
  const text = table([HEADS, ...rows]);
  if (!colours) return text;
  const [head = '', ...lines] = text.split('\n');
  const colourLine = (line: string, row: number): string => {
    const condition = sorted[row]?.condition;
    if (condition === undefined) return line;
    // Names contain no spaces, so the condition is the second word of its line.
    return line.replace(
      /^(\S+ +)([a-z]+)/,
      (_, name: string, word: string) => name + coloured(word, condition),
    );
  };
  return [head, ...lines.map(colourLine)].join('\n');
}

/** Says which databases have a schedule that nothing runs; empty when there are none. */
export function unscheduledNote({ databases }: StatusDocument): string {
  const names = databases.filter(isOnlyPlanned).map(({ name }) => name);
  if (names.length === 0) return '';
  return `\nNo run of ${formatList(ENGLISH, names)} has ever been started by a schedule. \`lifeboat install-timer\` sets one up.\n`;
}

/** Everything about one database. */
export function detailText(detail: DetailDocument, timeZone: string, colours: boolean): string {
  const lines = factsOf(detail, timeZone, colours);
  const width = Math.max(...lines.map(([label]) => label.length));
  const facts = lines.map(([label, text]) => `${label.padEnd(width)}  ${text}`).join('\n');
  return `${facts}\n${historyText(detail, timeZone)}`;
}

function factsOf(
  detail: DetailDocument,
  timeZone: string,
  colours: boolean,
): (readonly [label: string, text: string])[] {
  const { at, name, condition, reasons, lastFailure, lastRestoreTest, nextFrom } = detail;
  const time = (moment: string | null): string =>
    moment === null ? 'none' : `${formatTime(ENGLISH, moment, timeZone)} (${ageOf(moment, at)})`;
  const problem = lastRestoreTest?.problem ? `: ${lastRestoreTest.problem}` : '';
  const conditionText = colours ? coloured(condition, condition) : condition;
  return [
    ['Database', name],
    ['Condition', [conditionText, reasons.join(', ')].filter(Boolean).join(': ')],
    ['Last backup', time(detail.lastBackup?.takenAt ?? null)],
    [
      'Next backup',
      `${time(detail.nextBackup)}${nextFrom === null ? '' : `, ${NEXT_FROM[nextFrom]}`}${isOnlyPlanned(detail) ? `; ${NEVER_SCHEDULED}` : ''}`,
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

function historyText({ name, history }: DetailDocument, timeZone: string): string {
  if (history.length === 0) return '';
  const rest = history.length - MOST_BACKUPS;
  const more = rest > 0 ? `… and ${rest} older: lifeboat list ${name}\n` : '';
  return `\n${backupTable(history.slice(0, MOST_BACKUPS), () => timeZone)}${more}`;
}

function ageOf(moment: string, now: string): string {
  return formatAge(Date.parse(moment) - Date.parse(now));
}

function restoreTestText({ lastRestoreTest }: DatabaseStatus, at: string): string {
  return lastRestoreTest
    ? `${lastRestoreTest.ok ? 'ok' : 'FAILED'} ${ageOf(lastRestoreTest.at, at)}`
    : 'never';
}

function coloured(text: string, condition: Condition): string {
  return `\u001B[${CONDITION_COLOURS[condition]}m${text}\u001B[39m`;
}
