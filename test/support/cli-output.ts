import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { BARE } from './environment.ts';

const main = join(import.meta.dirname, '..', '..', 'cli/main.ts');

/** Standard output of a command that succeeds. */
export function cliOutput(cwd: string, args: readonly string[]): string {
  return execFileSync(process.execPath, [main, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...BARE, TMPDIR: cwd },
  });
}
