import { singleQuoted } from '../../../lib/shell.ts';

const PLAIN = /^[\w@%+:,./][\w@%+=:,./-]*$/;

/** Any text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : singleQuoted(text);
}

/** A name as the last argument of a command: one that begins with a dash is no option. */
export function commandWord(name: string): string {
  return name.startsWith('-') ? `-- ${shellWord(name)}` : shellWord(name);
}
