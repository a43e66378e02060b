import { formatSize, formatTime, formatTook } from '../../lib/text/format.ts';
import type { RestoreTestRow } from '../notification.ts';
import { shortLine } from './facts.ts';
import type { MessageWords } from './words/words.ts';

export type TableRow = {
  readonly database: string;
  readonly ok: boolean;
  readonly result: string;
  readonly detail: string;
};

/**
 * What is shown open, the failed first, and what is folded because it passed. `more` and
 * `foldedMore` count the rows that were left out.
 */
export type MessageTable = {
  readonly head: readonly string[];
  readonly rows: readonly TableRow[];
  readonly more: number;
  readonly folded: readonly TableRow[];
  readonly foldedMore: number;
};

// Gmail hides what is beyond 102 KB; a row takes about 500 bytes.
const MOST_ROWS = 100;
const MOST_OPEN_WHEN_ALL_PASSED = 10;

/** The table of a restore test. */
export function restoreTestTable(
  words: MessageWords,
  tests: readonly RestoreTestRow[],
  zone: string,
): MessageTable {
  const sorted = [...tests].sort(
    (a, b) => Number(a.ok) - Number(b.ok) || (a.database < b.database ? -1 : 1),
  );
  const failures = sorted.filter(({ ok }) => !ok).length;
  const open = failures || MOST_OPEN_WHEN_ALL_PASSED;
  const rowsOf = (tests: readonly RestoreTestRow[]): TableRow[] =>
    tests.map((test) => tableRow(words, test, zone));
  const rows = rowsOf(sorted.slice(0, Math.min(open, MOST_ROWS)));
  const folded = rowsOf(sorted.slice(open, Math.max(open, MOST_ROWS)));
  return {
    head: [words.label.database, words.label.result, words.label.backup],
    rows,
    more: Math.min(open, sorted.length) - rows.length,
    folded,
    foldedMore: Math.max(0, sorted.length - open) - folded.length,
  };
}

/** `17 others passed`; empty when nothing is folded. */
export function foldedText(
  words: MessageWords,
  { rows, folded, foldedMore }: MessageTable,
): string {
  const count = folded.length + foldedMore;
  return count === 0 ? '' : words.passed(count, rows.length > 0);
}

function tableRow(
  words: MessageWords,
  { database, ok, backup, durationMs, message }: RestoreTestRow,
  zone: string,
): TableRow {
  const parts = [
    ...(message === undefined ? [] : [words.explainRow?.(message) ?? message]),
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
