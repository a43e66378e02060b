import { fit } from '../../lib/text/text.ts';
import type { MessageFact } from './facts.ts';

// Discord and Teams render a backslash before any of these as the character itself. Without it, the
// text of an error could become a link or mention people.
const MARKS = /[\\`*_~|<>[\]()#@!]/g;

export function escapeMarkdown(text: string): string {
  return text.replaceAll(MARKS, String.raw`\$&`);
}

/** A text in which `this` is code; everything else is shown as it stands. */
export function markdownProse(text: string, limit: number): string {
  const parts = text.split('`');
  // Only pairs of backticks mark code.
  const isPaired = parts.length % 2 === 1;
  const markdown = parts
    .map((part, n) =>
      isPaired && n % 2 === 1 && part !== '' ? `\`${part}\`` : escapeMarkdown(part),
    )
    .join('');
  return markdown.length <= limit
    ? markdown
    : fit(text.replaceAll('`', "'"), limit, escapeMarkdown);
}

/** The value of a fact, with the id that belongs to it. */
export function markdownFact({ value, isCode, id }: MessageFact, limit: number): string {
  const tail = id === undefined ? '' : ` ${markdownCode(id, 100)}`;
  const room = limit - tail.length;
  return `${isCode === true ? markdownCode(value, room) : fit(value, room, escapeMarkdown)}${tail}`;
}

function markdownCode(text: string, limit: number): string {
  return `\`${fit(text.replaceAll('`', "'"), limit - 2)}\``;
}
