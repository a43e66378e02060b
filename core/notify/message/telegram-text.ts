import { escapeMarkup, fit, withCode } from '../../lib/text.ts';
import type { Words } from './words/words.ts';
import { rowsWithin } from './rows.ts';
import type { Fact, View } from './view.ts';

// https://core.telegram.org/bots/api#sendmessage: 4096 characters after the entities are parsed; counting the tags too is on the safe side.
export const TELEGRAM_LIMIT = 4096;
// The longest that one value may be, tried in this order: whatever an error says, all parts of the
// message fit.
const VALUES = [500, 250, 120, 60] as const;
const MARKS: Readonly<Record<View['tone'], string>> = {
  bad: '🔴',
  warn: '🟠',
  good: '🟢',
  info: '🔵',
};

/** The text of a message with `parse_mode: HTML`. */
export function telegramText(view: View, words: Words): string {
  const texts = VALUES.map((longest) => build(view, words, longest));
  return (
    texts.find(({ length }) => length <= TELEGRAM_LIMIT) ?? fit(view.subject, 1000, escapeMarkup)
  );
}

function build(
  { tone, title, lead, facts, advice, table, link, footer }: View,
  words: Words,
  longest: number,
): string {
  const lines = facts.map((each) => fact(each, longest)).join('\n');
  const head = [`${MARKS[tone]} <b>${escapeMarkup(title)}</b>`, escapeMarkup(lead), lines];
  const tail = [
    ...(advice.length > 0
      ? [
          `<b>${escapeMarkup(words.label.whatToDo)}</b>\n${advice.map((each) => withCode(fit(each, longest, escapeMarkup), '<code>', '</code>')).join('\n')}`,
        ]
      : []),
    // A link that would be cut is left out: half a tag makes Telegram refuse the whole message.
    ...(link && link.url.length <= 1000
      ? [
          `<a href="${escapeMarkup(link.url).replaceAll('"', '%22')}">${escapeMarkup(link.label)}</a>`,
        ]
      : []),
    `<i>${fit(footer, 200, escapeMarkup)}</i>`,
  ];
  const room = TELEGRAM_LIMIT - [...head, ...tail].join('\n\n').length - 4;
  return [
    ...head,
    ...(table && table.cells.length > 0 && room > 100
      ? [rowsWithin(table, words, room, (name) => `<code>${fit(name, 100, escapeMarkup)}</code>`)]
      : []),
    ...tail,
  ].join('\n\n');
}

function fact({ label, value, code, id }: Fact, longest: number): string {
  const text = fit(value, longest, escapeMarkup);
  const extra = id === undefined ? '' : `, <code>${fit(id, longest, escapeMarkup)}</code>`;
  return `<b>${escapeMarkup(label)}:</b> ${code === true ? `<code>${text}</code>` : text}${extra}`;
}
