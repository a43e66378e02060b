import { escapeMarkup, fit } from '../../lib/text/text.ts';
import { foldedText, type MessageTable, type TableRow } from './table.ts';
import type { MessageTone } from './view.ts';
import type { MessageWords } from './words/words.ts';

/** A colour before the headline of a chat message. */
export const TONE_MARKS: Readonly<Record<MessageTone, string>> = {
  bad: '🔴',
  warn: '🟠',
  good: '🟢',
  info: '🔵',
};

/** The same as a name of ntfy: https://docs.ntfy.sh/emojis/ */
export const TONE_TAGS: Readonly<Record<MessageTone, string>> = {
  bad: 'red_circle',
  warn: 'orange_circle',
  good: 'green_circle',
  info: 'large_blue_circle',
};

/**
 * The open rows of a table as lines of a chat message that together fit into `room`; the last lines
 * count what is left out and what passed. `code` marks up a name.
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
  // Room for the lines that count.
  const most = room - 120;
  let length = 0;
  const cut = rows.findIndex((each) => (length += each.length + 1) > most);
  const lines = cut < 0 ? rows : rows.slice(0, cut);
  const more = table.more + rows.length - lines.length;
  return [
    ...lines,
    more > 0 ? `… ${escapeMarkup(words.moreDatabases(more))}` : '',
    escapeMarkup(foldedText(words, table)),
  ]
    .filter((line) => line !== '')
    .join('\n');
}
