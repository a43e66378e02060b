import { escapeMarkup, fit, withCode } from '../../lib/text/text.ts';
import { rowsWithin, TONE_MARKS } from './chat-rows.ts';
import type { MessageFact } from './facts.ts';
import type { MessageSection } from './sections.ts';
import type { MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

// https://core.telegram.org/bots/api#sendmessage: 4096 characters after the entities are parsed; counting the tags too is on the safe side.
export const TELEGRAM_LIMIT = 4096;
// The longest that one value may be, and how many causes of a digest there may be, tried in this
// order: whatever an error says, all parts of the message fit.
const TEXT_SIZES = [
  { longest: 500, causes: 12 },
  { longest: 250, causes: 8 },
  { longest: 120, causes: 5 },
  { longest: 60, causes: 3 },
] as const;
type Size = (typeof TEXT_SIZES)[number];

/** The text of a message with `parse_mode: HTML`. */
export function telegramText(view: MessageView, words: MessageWords): string {
  const texts = TEXT_SIZES.map((size) => build(view, words, size));
  return (
    texts.find(({ length }) => length <= TELEGRAM_LIMIT) ?? fit(view.subject, 1000, escapeMarkup)
  );
}

function build(view: MessageView, words: MessageWords, size: Size): string {
  const { tone, title, lead, advice, facts, sections, table, details, links } = view;
  const more = view.moreSections + Math.max(0, sections.length - size.causes);
  const head = [
    `${TONE_MARKS[tone]} <b>${escapeMarkup(title)}</b>`,
    escapeMarkup(lead),
    ...adviceParts(advice, words, size),
    factLines(facts, size),
    ...sections.slice(0, size.causes).map((section) => cause(section, size)),
    more > 0 ? `… ${escapeMarkup(words.more(more))}` : '',
  ];
  const tail = [
    // A link that would be cut is left out: half a tag makes Telegram refuse the whole message.
    ...links
      .filter(({ url }) => url.length <= 1000)
      .map(
        ({ url, label }) =>
          `<a href="${escapeMarkup(url).replaceAll('"', '%22')}">${escapeMarkup(label)}</a>`,
      ),
    factLines(details, size),
    `<i>${fit(view.footer, 200, escapeMarkup)}</i>`,
  ];
  const room = TELEGRAM_LIMIT - [...head, ...tail].join('\n\n').length - 4;
  const rows =
    table && table.rows.length > 0 && room > 100
      ? rowsWithin(table, words, room, (name) => `<code>${fit(name, 100, escapeMarkup)}</code>`)
      : '';
  return [...head, rows, ...tail].filter((part) => part !== '').join('\n\n');
}

function adviceParts(
  advice: readonly string[],
  { label }: MessageWords,
  { longest }: Size,
): string[] {
  if (advice.length === 0) return [];
  const lines = advice.map((each) => adviceLine(each, longest));
  return [`<b>${escapeMarkup(label.whatToDo)}</b>\n${lines.join('\n')}`];
}

function adviceLine(advice: string, longest: number): string {
  return withCode(fit(advice, longest, escapeMarkup), '<code>', '</code>');
}

/** One cause of a digest. */
function cause({ title, advice, facts }: MessageSection, size: Size): string {
  return [
    `<b>${fit(title, size.longest, escapeMarkup)}</b>`,
    ...advice.map((each) => adviceLine(each, size.longest)),
    factLines(facts, size),
  ].join('\n');
}

function factLines(facts: readonly MessageFact[], { longest }: Size): string {
  return facts
    .map(({ label, value, isCode, id }) => {
      const text = fit(value, longest, escapeMarkup);
      const extra = id === undefined ? '' : `, <code>${fit(id, longest, escapeMarkup)}</code>`;
      return `<b>${escapeMarkup(label)}:</b> ${isCode === true ? `<code>${text}</code>` : text}${extra}`;
    })
    .join('\n');
}
