import { singleQuoted } from '../../../lib/shell.ts';

const PLAIN = /^[\w@%+:,./][\w@%+=:,./-]*$/;

/** Any text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? text : singleQuoted(text);
}

/** The shell command that restores a backup. */
export function restoreCommand(database: string, id: string, store: string): string {
  const options = `--at ${quoted(id)} --to ${fileOf(database)} --store ${quoted(store)}`;
  return database.startsWith('-')
    ? `lifeboat restore ${options} -- ${quoted(database)}`
    : `lifeboat restore ${quoted(database)} ${options}`;
}

function fileOf(database: string): string {
  const name = database.replaceAll(/[^\w.-]+/g, '_').replace(/^[-._]+/, '');
  return `${name === '' ? 'restored' : name}.sqlite3`;
}
