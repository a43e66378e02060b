import { escapeMarkup, fit } from '../../lib/text/text.ts';
import { rowsWithin, TONE_MARKS } from './chat-rows.ts';
import type { MessageFact } from './facts.ts';
import type { MessageSection } from './sections.ts';
import type { MessageLink, MessageView } from './view.ts';
import type { MessageWords } from './words/words.ts';

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
const FIELD_TEXT = 2000;
const MOST_FIELDS = 10;

export function slackBody(view: MessageView, words: MessageWords): SlackBody {
  const { tone, title, subject, lead, advice, facts, sections, moreSections } = view;
  const { table, details, links } = view;
  const header = fit(`${TONE_MARKS[tone]} ${title}`, HEADER);
  const blocks: SlackBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: header, emoji: false } },
    section(fit(lead, SECTION, escapeMarkup)),
    ...(advice.length > 0 ? [section(slackAdvice(advice, words))] : []),
    ...fieldBlocks(facts),
    ...sections.map((each) => section(causeText(each, words))),
    ...(moreSections > 0 ? [section(`… ${escapeMarkup(words.more(moreSections))}`)] : []),
    ...(table && table.rows.length > 0
      ? [section(rowsWithin(table, words, SECTION, (name) => code(name, 200)))]
      : []),
    ...links
      .map(linkText)
      .filter((text) => text.length <= SECTION)
      .map(section),
    // Small and grey, in the place of a fold, which Slack does not have.
    ...(details.length > 0 ? [context(details.slice(0, MOST_FIELDS).map(detailText))] : []),
    context([fit(view.footer, FIELD_TEXT, escapeMarkup)]),
  ];
  return { text: fit(subject, SECTION, escapeMarkup), blocks };
}

function section(text: string): SlackBlock {
  return { type: 'section', text: mrkdwn(text) };
}

function context(texts: readonly string[]): SlackBlock {
  return { type: 'context', elements: texts.map(mrkdwn) };
}

function detailText({ label, value, isCode }: MessageFact): string {
  return `${escapeMarkup(label)}: ${isCode === true ? code(value, 400) : fit(value, 400, escapeMarkup)}`;
}

function fieldBlocks(facts: readonly MessageFact[]): SlackBlock[] {
  return facts.length > 0
    ? [{ type: 'section', fields: facts.slice(0, MOST_FIELDS).map(slackField) }]
    : [];
}

// mrkdwn shows text between backticks as code, which is what a command in an advice is.
function slackAdvice(advice: readonly string[], words: MessageWords): string {
  return `*${escapeMarkup(words.label.whatToDo)}*\n${fit(advice.join('\n'), 2900, escapeMarkup)}`;
}

/** One cause of a digest, cut so that every part fits. */
function causeText({ title, advice, facts }: MessageSection, words: MessageWords): string {
  const lines = [
    `*${fit(title, 300, escapeMarkup)}*`,
    ...(advice.length > 0 ? [fit(advice.join('\n'), 600, escapeMarkup)] : []),
    ...facts.map(
      ({ label, value, isCode, id }) =>
        `${escapeMarkup(label)}: ${isCode === true ? code(value, 400) : fit(value, 400, escapeMarkup)}${id === undefined ? '' : ` ${code(id, 100)}`}`,
    ),
  ];
  const text = lines.join('\n');
  return text.length <= SECTION ? text : fit(`${title} ${words.label.code}`, 300, escapeMarkup);
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}

function slackField({ label, value, isCode, id }: MessageFact): Mrkdwn {
  const head = `*${escapeMarkup(label)}*\n`;
  const tail = id === undefined ? '' : `\n${code(id, 200)}`;
  const room = FIELD_TEXT - head.length - tail.length;
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
function linkText({ label, url }: MessageLink): string {
  return `<${escapeMarkup(url)}|${escapeMarkup(label)}>`;
}
