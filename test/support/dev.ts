import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { BARE } from './environment.ts';
import { folder } from './files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli/main.ts');

/** A process in a group of its own, with its output so far. */
export function start(command: string, args: readonly string[], cwd: string) {
  const child: ChildProcess = spawn(command, args, {
    cwd,
    // A home of its own, because npm leaves its logs there.
    env: { ...BARE, TMPDIR: cwd, HOME: folder(), METADATA_SERVER_DETECTION: 'none' },
    detached: true,
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (said.err += text.toString()));
  // Kills the whole group: child processes must not outlive a failed test.
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  const address = async (): Promise<string> => {
    await expect
      .poll(() => said.out + said.err, { timeout: 120_000 })
      .toContain('Lifeboat is running');
    return /http:\/\/127\.0\.0\.1:\d+/.exec(said.out)?.[0] ?? '';
  };
  /** Sends SIGINT to the whole group, as Ctrl-C in a terminal does. */
  const interrupt = async (): Promise<number | null> => {
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const [status] = (await once(child, 'exit')) as [number | null];
    return status;
  };
  return { child, said, address, interrupt };
}

/** `lifeboat dev` on a free port. */
export function dev(cwd: string, ...args: string[]) {
  return start(process.execPath, [main, 'dev', '--port', '0', ...args], cwd);
}
