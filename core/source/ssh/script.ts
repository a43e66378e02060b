import { readFileSync } from 'node:fs';
import { singleQuoted } from '../../lib/processes/shell.ts';
import type { SshAddress } from './address.ts';

const SCRIPT = new URL('./remote.sh', import.meta.url);

export type ScriptInput = Pick<SshAddress, 'path'> & {
  /**
   * Random; begins each line of the script, which distinguishes it from other output of the host.
   */
  readonly mark: string;
  readonly mode: 'measure' | 'pull';
  /** How long to wait for a busy database, s. */
  readonly busy: number;
  /** The script ends when no heartbeat came on its standard input for so long, s. */
  readonly quiet: number;
};

/**
 * The text for the standard input of a POSIX shell on the host. The script prints lines on standard
 * error: `hello VERSION`, `size BYTES`, `header SIZE HEX`, `begun`, `copied BYTES`, `quiet`, `sum
 * SHA256`, `done`, or `fail WORD DETAIL`; on standard output it prints one line `data PACKER SIZE`,
 * and after it the packed copy.
 */
export function scriptFor({ path, mark, mode, busy, quiet }: ScriptInput): string {
  return [
    `mark=${singleQuoted(mark)} main=${singleQuoted(path)} mode=${mode} busy=${busy} quiet=${quiet}`,
    readFileSync(SCRIPT, 'utf8'),
    'lifeboat',
    '',
  ].join('\n');
}
