import { worstFirst } from '../core/status/condition.ts';
import {
  type Condition,
  type DatabaseStatus,
  type DetailDocument,
  type StatusDocument,
} from '../core/documents/status.ts';
import { ENGLISH, formatAge, formatSize } from '../core/lib/format.ts';
import { backupTable, table } from './output.ts';

const COLOURS: Readonly<Record<Condition, number>> = {
  good: 32,
  attention: 33,
  late: 33,
  missing: 31,
  failing: 31,
};

const MOST_SHOWN = 20;

/** One line a database. examples/django prints the same. */
export function statusTable({ at, databases }: StatusDocument, colours: boolean): string {
  const sorted = worstFirst(databases);
  const rows = sorted.map((each) => [
    each.name,
    each.condition,
    each.lastBackup ? relative(each.lastBackup.takenAt, at) : 'never',
    each.lastBackup ? formatSize(ENGLISH, each.lastBackup.size) : '',
    each.lastBackup?.verdict ?? '',
    String(each.backups),
    formatSize(ENGLISH, each.storedBytes),
    restoreTest(each, at),
    each.nextBackup ? relative(each.nextBackup, at) : '',
    failure(each, at),
    each.reasons.join(', '),
  ]);
  const heads = [
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
  const text = table([heads, ...rows]);
  if (!colours) return text;
  // No name has a blank in it, so the condition is the second word of its line.
  const [head = '', ...lines] = text.split('\n');
  const paint = (line: string, at: number): string => {
    const condition = sorted[at]?.condition;
    return condition === undefined
      ? line
      : line.replace(
          /^(\S+ +)([a-z]+)/,
          (_, before: string, word: string) => before + painted(word, condition),
        );
  };
  return [head, ...lines.map(paint)].join('\n');
}

/** Everything that a person asks about one database. */
export function detailText(detail: DetailDocument, colours: boolean): string {
  const { at, name, condition, reasons, lastFailure, history } = detail;
  const moment = (when: string | null): string =>
    when === null ? 'none' : `${when} (${relative(when, at)})`;
  const lines = [
    ['Database', name],
    [
      'Condition',
      [colours ? painted(condition, condition) : condition, reasons.join(', ')]
        .filter(Boolean)
        .join(': '),
    ],
    ['Last backup', moment(detail.lastBackup?.takenAt ?? null)],
    [
      'Next backup',
      `${moment(detail.nextBackup)}${detail.nextFrom === null ? '' : `, says ${detail.nextFrom}`}`,
    ],
    [
      'Restore test',
      detail.lastRestoreTest
        ? `${restoreTest(detail, at)}${detail.lastRestoreTest.problem ? `: ${detail.lastRestoreTest.problem}` : ''}`
        : 'never',
    ],
    [
      'Kept',
      `${detail.backups} ${detail.backups === 1 ? 'backup' : 'backups'}, ${formatSize(ENGLISH, detail.storedBytes)}, from ${detail.oldestBackup ?? 'none'} until ${detail.keptUntil ?? 'none'}`,
    ],
    ...(lastFailure
      ? [
          ['Last failure', `${moment(lastFailure.at)} ${lastFailure.code}: ${lastFailure.message}`],
          ['', lastFailure.hint],
        ]
      : []),
  ];
  const width = Math.max(...lines.map(([label = '']) => label.length));
  const shown = history.slice(0, MOST_SHOWN);
  const rest = history.length - shown.length;
  const backups =
    shown.length === 0
      ? ''
      : `\n${backupTable(shown)}${rest > 0 ? `… and ${rest} older: lifeboat list ${name}\n` : ''}`;
  return `${lines.map(([label = '', text = '']) => `${label.padEnd(width)}  ${text}`).join('\n')}\n${backups}`;
}

function relative(moment: string, now: string): string {
  return formatAge(Date.parse(moment) - Date.parse(now));
}

function restoreTest({ lastRestoreTest }: DatabaseStatus, at: string): string {
  return lastRestoreTest
    ? `${lastRestoreTest.ok ? 'ok' : 'FAILED'} ${relative(lastRestoreTest.at, at)}`
    : 'never';
}

function failure({ lastFailure }: DatabaseStatus, at: string): string {
  return lastFailure ? `${lastFailure.code} ${relative(lastFailure.at, at)}` : '';
}

function painted(text: string, condition: Condition): string {
  return `\u001B[${COLOURS[condition]}m${text}\u001B[39m`;
}
