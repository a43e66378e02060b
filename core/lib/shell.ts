/** A text for a POSIX shell: within single quotes nothing has a meaning. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
