import { singleQuoted } from '../../../lib/shell.ts';

const PLAIN = /^[\w@%+:,./][\w@%+=:,./-]*$/;

/** One word of a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? text : singleQuoted(text);
}

/** The command that restores one backup, to be copied into a shell. */
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
