import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BARE } from './environment.ts';
import { folder } from './files.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'cli/main.ts');

/**
 * Loads libfaketime into every process of a command. In /etc, because Lifeboat's child processes do
 * not inherit the environment; in a mount namespace, because no other process may see it.
 */
const WITH_CLOCK = `
  mount -t tmpfs tmpfs "$0" && cp -a /etc/. "$0" &&
  echo '/usr/$LIB/faketime/libfaketime.so.1' > "$0/ld.so.preload" && echo "$1" > "$0/faketimerc" &&
  mount --bind "$0" /etc && shift && exec "$@"`;

/**
 * Runs the command line while the clock of the machine is off by so many days. Times of files come
 * from the kernel and stay right, as on a file server. Needs root and Debian's faketime.
 */
export function lifeboatWithClock(days: number, cwd: string, ...args: readonly string[]) {
  const offset = `${days < 0 ? '' : '+'}${days}d`;
  const namespace = ['-m', '--propagation', 'private', 'sh', '-c', WITH_CLOCK, folder(), offset];
  const { status, stdout, stderr, error } = spawnSync(
    'unshare',
    namespace.concat(process.execPath, MAIN, args, '--json'),
    { cwd, env: { ...BARE, TMPDIR: cwd, FAKETIME_DONT_FAKE_MONOTONIC: '1' }, encoding: 'utf8' },
  );
  if (error) throw error;
  return { status, stderr, document: JSON.parse(stdout || '{}') as Record<string, unknown> };
}
