// C0 and C1 controls, line and paragraph separators, zero-width and byte order marks, and what
// turns the direction of writing: such a character in a name could break a header, or show another
// text than the one that is there.
const UNSAFE =
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

/**
 * Slack and Telegram know these three entities (and Telegram `&quot;`); nothing else is escaped
 * there.
 */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Already escaped text in which what stands between backticks becomes an element: `run this` ->
 * `<code>run this</code>`.
 */
export function withCode(escaped: string, open: string, close: string): string {
  return escaped.replaceAll(/`([^`]+)`/g, `${open}$1${close}`);
}

/**
 * The text with `instead` for each such character. Line breaks and tabs stay. Lone surrogates are
 * replaced: JSON and UTF-8 cannot carry them.
 */
export function visible(text: string, instead: string): string {
  return text.toWellFormed().replaceAll(UNSAFE, instead);
}

/** One line of visible characters. */
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
  const kept: string[] = [];
  let length = 1;
  for (const char of text) {
    const next = escape(char);
    if (length + next.length > limit) break;
    kept.push(next);
    length += next.length;
  }
  return limit < 1 ? '' : `${kept.join('').trimEnd()}…`;
}
