import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sweepWorkspaces } from '../../core/sqlite/workspace.ts';
import { withLock } from '../../core/store/directory/lock.ts';
import { folder } from '../support/files.ts';

const script = join(import.meta.dirname, '../support/lock-child.ts');
const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

function start(args: readonly string[], inside: readonly string[] = []): ChildProcess {
  const [program = '', ...rest] = [...inside, process.execPath, script, ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const isHeld = async ({ stdout }: ChildProcess): Promise<void> =>
  void (stdout && (await once(stdout, 'data')));

describe('processes that change one object of a folder store', () => {
  test('do so one after the other, even when one of them is killed while it holds the lock', async () => {
    for (let round = 0; round < 3; round += 1) {
      const path = join(folder(), 'one');
      writeFileSync(path, '0');
      const holder = start(['hold', path, '600000']);
      await isHeld(holder);
      const others = Array.from({ length: 4 }, () => start(['count', path, '50']));
      holder.kill('SIGKILL');
      const statuses = await Promise.all(others.map((child) => once(child, 'exit')));
      expect(statuses.map(([status]) => status as number)).toEqual([0, 0, 0, 0]);
      expect(readFileSync(path, 'utf8')).toBe('200');
      expect(readdirSync(join(path, '..'))).toEqual(['one']);
    }
  });

  test('wait for one in another container that holds the lock longer than a lock without heartbeat is respected', async () => {
    const path = join(folder(), 'one');
    const holder = start(['hold', path, '14000'], CONTAINER);
    const holderExit = once(holder, 'exit');
    await isHeld(holder);
    const began = performance.now();
    await withLock(path, async () => undefined);
    expect(performance.now() - began).toBeGreaterThan(13_000);
    await holderExit;
  });

  test('take the lock of one in another container ten seconds after it was killed', async () => {
    const path = join(folder(), 'one');
    const holder = start(['hold', path, '600000'], CONTAINER);
    await isHeld(holder);
    holder.kill('SIGKILL');
    const began = performance.now();
    await withLock(path, async () => undefined);
    expect(performance.now() - began).toBeGreaterThan(9_000);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

test('a run leaves the temporary folder of a run in another container alone', async () => {
  const root = folder();
  const run = start(['work', root, '600000'], CONTAINER);
  await isHeld(run);
  expect(await sweepWorkspaces(root)).toEqual([]);
  expect(readdirSync(root)).toHaveLength(1);
});
