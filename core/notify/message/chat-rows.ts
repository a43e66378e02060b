import { escapeMarkup, fit } from '../../lib/text.ts';
import type { MessageTable, TableRow } from './table.ts';
import type { MessageTone } from './view.ts';
import type { MessageWords } from './words/words.ts';

/** A colour before the headline of a chat message. */
export const TONE_MARKS: Readonly<Record<MessageTone, string>> = {
  bad: '🔴',
  warn: '🟠',
  good: '🟢',
  info: '🔵',
};

/**
 * A table as lines of a chat message that together fit into `room`; the last counts what is left
 * out. `code` marks up a name.
 */
export function rowsWithin(
  table: MessageTable,
  words: MessageWords,
  room: number,
  code: (name: string) => string,
): string {
  const row = ({ database, ok, result, detail }: TableRow): string =>
    `${ok ? '✓' : '✗'} ${code(database)} ${escapeMarkup(result)}${detail ? ` · ${fit(detail, 250, escapeMarkup)}` : ''}`;
  const rows = table.rows.map(row);
  // Room for the line that counts.
  const most = room - 60;
  let length = 0;
  const cut = rows.findIndex((each) => (length += each.length + 1) > most);
  const lines = cut < 0 ? rows : rows.slice(0, cut);
  const more = table.more + rows.length - lines.length;
  return [...lines, ...(more > 0 ? [`… ${escapeMarkup(words.moreDatabases(more))}`] : [])].join(
    '\n',
  );
}
