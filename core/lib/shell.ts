/** A text for a POSIX shell: within single quotes nothing has a meaning. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
