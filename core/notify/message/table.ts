import { formatSize, formatTime, formatTook } from '../../lib/format.ts';
import type { RestoreTestRow } from '../notification.ts';
import { shortLine } from './facts.ts';
import type { MessageWords } from './words/words.ts';

export type TableRow = {
  readonly database: string;
  readonly ok: boolean;
  readonly result: string;
  readonly detail: string;
};

/** The failed first. `more` counts those that were left out. */
export type MessageTable = {
  readonly head: readonly string[];
  readonly rows: readonly TableRow[];
  readonly more: number;
};

// Gmail hides what is beyond 102 KB; a row takes about 500 bytes.
const MOST_ROWS = 100;

/** The table of a restore test. */
export function restoreTestTable(
  words: MessageWords,
  tests: readonly RestoreTestRow[],
  zone: string,
): MessageTable {
  const sorted = [...tests].sort(
    (a, b) => Number(a.ok) - Number(b.ok) || (a.database < b.database ? -1 : 1),
  );
  return {
    head: [words.label.database, words.label.result, words.label.backup],
    rows: sorted.slice(0, MOST_ROWS).map((test) => tableRow(words, test, zone)),
    more: Math.max(0, sorted.length - MOST_ROWS),
  };
}

function tableRow(
  words: MessageWords,
  { database, ok, backup, durationMs, message }: RestoreTestRow,
  zone: string,
): TableRow {
  const parts = [
    ...(message === undefined ? [] : [message]),
    ...(backup
      ? [`${formatTime(words, backup.takenAt, zone)}, ${formatSize(words, backup.size)}`]
      : []),
    ...(durationMs === undefined ? [] : [formatTook(words, durationMs)]),
  ];
  return {
    database: shortLine(database),
    ok,
    result: ok ? words.label.passed : words.label.failed,
    detail: shortLine(parts.join(' · ')),
  };
}
