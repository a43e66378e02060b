const PLAIN = /^[\w@%+:,./][\w@%+=:,./-]*$/;

/** Quotes a text for a POSIX shell, which interprets nothing within single quotes. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Any text as one word of a POSIX shell, quoted only where it needs to be. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : singleQuoted(text);
}
