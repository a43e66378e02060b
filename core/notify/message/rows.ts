import { escapeMarkup, fit } from '../../lib/text.ts';
import type { Words } from './words/words.ts';
import type { Cell, View } from './view.ts';

/**
 * A table as lines of a chat message that together fit into `room`; the last counts what is left
 * out. `code` marks up a name.
 */
export function rowsWithin(
  table: NonNullable<View['table']>,
  words: Words,
  room: number,
  code: (name: string) => string,
): string {
  const row = ({ database, ok, result, detail }: Cell): string =>
    `${ok ? '✓' : '✗'} ${code(database)} ${escapeMarkup(result)}${detail ? ` · ${fit(detail, 250, escapeMarkup)}` : ''}`;
  const rows = table.cells.map(row);
  // Room for the line that counts.
  const most = room - 60;
  let length = 0;
  const cut = rows.findIndex((each) => (length += each.length + 1) > most);
  const shown = cut < 0 ? rows : rows.slice(0, cut);
  const left = table.left + rows.length - shown.length;
  return [...shown, ...(left > 0 ? [`… ${escapeMarkup(words.more(left))}`] : [])].join('\n');
}
