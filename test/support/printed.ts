import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { BARE } from './environment.ts';

const main = join(import.meta.dirname, '..', '..', 'cli/main.ts');

/** What a command that succeeds prints. */
export function printed(cwd: string, args: readonly string[]): string {
  return execFileSync(process.execPath, [main, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...BARE, TMPDIR: cwd },
  });
}
