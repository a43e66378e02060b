import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { withLock } from '../../core/store/directory/lock.ts';
import { folder } from '../support/files.ts';

vi.mock('node:fs/promises', async (original) => {
  const module = await original<typeof files>();
  return { ...module, stat: vi.fn(module.stat) };
});

afterEach(() => vi.mocked(files.stat).mockRestore());

/** The path of an object whose lock was made so many ms ago by a process that has died. */
const abandoned = (ageMs: number): string => {
  const path = join(folder(), 'one');
  const time = new Date(Date.now() - ageMs);
  writeFileSync(`${path}.meta.lock`, '');
  utimesSync(`${path}.meta.lock`, time, time);
  return path;
};

/** How many of these tasks ran at the same time, at most. */
const overlap = async (path: string, tasks: number, ms: number): Promise<number> => {
  let [running, most] = [0, 0];
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await delay(ms);
    running -= 1;
  };
  await Promise.all(Array.from({ length: tasks }, () => withLock(path, task)));
  return most;
};

describe('the lock of an object in a folder', () => {
  test('lets one task run at a time', async () => {
    expect(await overlap(join(folder(), 'one'), 10, 5)).toBe(1);
  });

  test('lets one task run at a time when several processes see the same stale lock', async () => {
    const path = abandoned(60_000);
    // The first to see the stale lock is slow: meanwhile the second removes it and takes the lock.
    const { stat } = await vi.importActual<typeof files>('node:fs/promises');
    vi.mocked(files.stat).mockImplementationOnce(async (...args: Parameters<typeof stat>) => {
      const result = await stat(...args);
      await delay(80);
      return result;
    });
    expect(await overlap(path, 2, 300)).toBe(1);
  });

  test('lets one task run at a time when the process that removed a stale lock has died', async () => {
    const path = abandoned(60_000);
    const { ino, mtimeNs } = await files.stat(`${path}.meta.lock`, { bigint: true });
    const right = `${path}.meta.lock.${ino}-${mtimeNs}`;
    writeFileSync(right, '');
    utimesSync(right, new Date(0), new Date(0));
    expect(await overlap(path, 5, 20)).toBe(1);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('is taken over when its time is in the future', async () => {
    const path = abandoned(-3_600_000);
    expect(await overlap(path, 2, 5)).toBe(1);
  });

  test('is released when the task fails', async () => {
    const path = join(folder(), 'one');
    const failure = withLock(path, async () => {
      throw new Error('failed');
    });
    await expect(failure).rejects.toThrow('failed');
    expect(existsSync(`${path}.meta.lock`)).toBe(false);
  });

  test('is waited for no longer than a minute', async () => {
    const path = abandoned(0);
    const start = performance.now();
    const clock = vi.spyOn(performance, 'now');
    clock.mockReturnValueOnce(start).mockReturnValue(start + 61_000);
    await expect(withLock(path, async () => undefined)).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    clock.mockRestore();
  });
});
