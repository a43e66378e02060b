// Text for people and for other programs: escaping, cutting, sizes, times and time zones. Imports lib
// only.

// C0 and C1 controls, line and paragraph separators, zero-width characters, byte order marks, and
// marks of writing direction: such a character in a name could break a header, or make a text look
// like another one.
const UNSAFE_CHARACTERS =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g; // oxlint-disable-line no-control-regex

/** `&`, `<`, `>` and both quotes: safe as HTML text and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** For Slack and Telegram, which know only these three entities (Telegram also `&quot;`). */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Wraps each part of an escaped text that stands between backticks: `run this` becomes
 * `<code>run this</code>`.
 */
export function withCode(escaped: string, open: string, close: string): string {
  return escaped.replaceAll(/`([^`]+)`/g, `${open}$1${close}`);
}

/**
 * The text with `instead` for each unsafe character, but for line breaks and tabs. Lone surrogates
 * are replaced, too: neither JSON nor UTF-8 has them.
 */
export function visible(text: string, instead: string): string {
  return text.toWellFormed().replaceAll(UNSAFE_CHARACTERS, instead);
}

/** The text in one line, of visible characters. */
export function oneLine(text: string): string {
  return visible(text, ' ')
    .replaceAll(/[\t\n ]+/g, ' ')
    .trim();
}

/**
 * As much of the text as fits into `limit` UTF-16 units after `escape`, never cut inside a
 * character or an entity.
 */
export function fit(
  text: string,
  limit: number,
  escape: (text: string) => string = (same) => same,
): string {
  const whole = escape(text);
  if (whole.length <= limit) return whole;
  const pieces: string[] = [];
  let length = 1;
  for (const char of text) {
    const next = escape(char);
    if (length + next.length > limit) break;
    pieces.push(next);
    length += next.length;
  }
  return limit < 1 ? '' : `${pieces.join('').trimEnd()}…`;
}
