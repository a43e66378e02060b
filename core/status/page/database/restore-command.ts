import { shellWord } from '../../../lib/processes/shell.ts';

/** The shell command that restores a backup. */
export function restoreCommand(database: string, id: string, store: string): string {
  const options = `--at ${shellWord(id)} --to ${fileOf(database)} --store ${shellWord(store)}`;
  return database.startsWith('-')
    ? `lifeboat restore ${options} -- ${shellWord(database)}`
    : `lifeboat restore ${shellWord(database)} ${options}`;
}

function fileOf(database: string): string {
  const name = database.replaceAll(/[^\w.-]+/g, '_').replace(/^[-._]+/, '');
  return `${name === '' ? 'restored' : name}.sqlite3`;
}
