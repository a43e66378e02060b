import { singleQuoted } from '../../lib/shell.ts';
import type { SshAddress } from './address.ts';
import { REMOTE_SCRIPT } from './remote-script.ts';

export type ScriptInput = Pick<SshAddress, 'path'> & {
  /** Random; begins each line that the script says, so that what else the host prints is told apart. */
  readonly mark: string;
  readonly mode: 'measure' | 'pull';
  /** How long a busy database is waited for, s. */
  readonly busy: number;
  /** Without a beat on its standard input for so long the script ends, s; it looks that often. */
  readonly quiet: number;
};

/**
 * What runs on the host, for any POSIX shell, over its standard input. It says lines on standard error: `hello VERSION`, `size BYTES`,
 * `header SIZE HEX`, `begun`, `copied BYTES`, `quiet`, `sum SHA256`, `done`, or `fail WORD DETAIL`; and on standard output one line `data PACKER SIZE`, then the copy, packed.
 */
export function scriptFor({ path, mark, mode, busy, quiet }: ScriptInput): string {
  return [
    `mark=${singleQuoted(mark)} main=${singleQuoted(path)} mode=${mode} busy=${busy} quiet=${quiet}`,
    REMOTE_SCRIPT,
    'lifeboat',
    '',
  ].join('\n');
}
