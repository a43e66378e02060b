/** Quotes a text for a POSIX shell, which interprets nothing within single quotes. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
