import { escapeMarkup, fit } from '../../lib/text.ts';
import type { Words } from './words/words.ts';
import { rowsWithin } from './rows.ts';
import type { Fact, View } from './view.ts';

type PlainText = { type: 'plain_text'; text: string; emoji: boolean };
// `verbatim`: no address, channel or person in the text of an error becomes a link or a mention.
type Mrkdwn = { type: 'mrkdwn'; text: string; verbatim: true };
export type SlackBlock =
  | { type: 'header'; text: PlainText }
  | { type: 'section'; text: Mrkdwn }
  | { type: 'section'; fields: Mrkdwn[] }
  | { type: 'context'; elements: Mrkdwn[] };
/** The body of an incoming webhook. `text` is what a notification on a phone shows. */
export type SlackBody = { text: string; blocks: SlackBlock[] };

// Slack's own limits: https://docs.slack.dev/reference/block-kit/blocks
const HEADER = 150;
const SECTION = 3000;
const FIELD = 2000;
const FIELDS = 10;

const MARKS: Readonly<Record<View['tone'], string>> = {
  bad: '🔴',
  warn: '🟠',
  good: '🟢',
  info: '🔵',
};

export function slackBody(
  { tone, title, subject, lead, facts, advice, table, link, footer }: View,
  words: Words,
): SlackBody {
  const blocks: SlackBlock[] = [
    {
      type: 'header',
      text: { type: 'plain_text', text: fit(`${MARKS[tone]} ${title}`, HEADER), emoji: false },
    },
    { type: 'section', text: mrkdwn(fit(lead, SECTION, escapeMarkup)) },
  ];
  if (facts.length > 0) blocks.push({ type: 'section', fields: facts.slice(0, FIELDS).map(field) });
  if (table && table.cells.length > 0)
    blocks.push({
      type: 'section',
      text: mrkdwn(rowsWithin(table, words, SECTION, (name) => code(name, 200))),
    });
  if (advice.length > 0)
    blocks.push({
      type: 'section',
      text: mrkdwn(
        `*${escapeMarkup(words.label.whatToDo)}*\n${fit(advice.join('\n'), 2900, escapeMarkup)}`,
      ),
    });
  if (link && linkText(link).length <= SECTION)
    blocks.push({ type: 'section', text: mrkdwn(linkText(link)) });
  blocks.push({ type: 'context', elements: [mrkdwn(fit(footer, FIELD, escapeMarkup))] });
  return { text: fit(subject, SECTION, escapeMarkup), blocks };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}

function field({ label, value, code: isCode, id }: Fact): Mrkdwn {
  const head = `*${escapeMarkup(label)}*\n`;
  const tail = id === undefined ? '' : `\n${code(id, 200)}`;
  const room = FIELD - head.length - tail.length;
  return mrkdwn(
    `${head}${isCode === true ? code(value, room) : fit(value, room, escapeMarkup)}${tail}`,
  );
}

// mrkdwn has no escape for its own marks: a backtick would end the span.
function code(text: string, limit: number): string {
  return `\`${fit(text.replaceAll('`', "'"), limit - 2, escapeMarkup)}\``;
}

/**
 * A link in the text, not a button: a button of an app without an interactivity address shows a
 * warning when it is pressed.
 */
function linkText({ label, url }: NonNullable<View['link']>): string {
  return `<${escapeMarkup(url)}|${escapeMarkup(label)}>`;
}
