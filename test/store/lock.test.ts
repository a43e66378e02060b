import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatIdentity, ownIdentity } from '../../core/lib/processes/process-identity.ts';
import { withLock } from '../../core/store/directory/lock.ts';
import { folder } from '../support/files.ts';

const DAY = 86_400_000;
const { lstat } = promises;
/** Replaces `lstat` for the code under test, until the end of the test. */
const replaceLstat = (
  replacement: (...args: Parameters<typeof lstat>) => Promise<unknown>,
): void => {
  promises.lstat = replacement as typeof lstat;
  syncBuiltinESMExports();
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  replaceLstat(lstat);
});

/** The path of an object whose lock has this content. */
const locked = (content: string): string => {
  const path = join(folder(), 'one');
  writeFileSync(`${path}.meta.lock`, content);
  return path;
};
const { pid } = spawnSync('true');
const { startTime, scope } = ownIdentity();
/** The time at which the parent of this process started. */
const parentStart = readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
  .split(') ')
  .at(-1)
  ?.split(' ')[19];
const OF_DEAD_PROCESS = `${formatIdentity({ pid, startTime, scope })} 0a1b2c3d`;
const OF_RUNNING_PROCESS = `${formatIdentity({ pid: process.ppid, startTime: String(parentStart), scope })} 0a1b2c3d`;
const OF_REUSED_PID = `${formatIdentity({ pid: process.ppid, startTime: '0', scope })} 0a1b2c3d`;
const OF_OTHER_MACHINE = `${formatIdentity({ pid, startTime, scope: '00000000' })} 0a1b2c3d`;

/** Lets the clock of this process run so many ms ahead from its `n`-th use on. */
const clockJumps = (n: number, ms: number): void => {
  const clock = performance.now.bind(performance);
  let uses = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock() + (++uses > n ? ms : 0));
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
    const path = locked(OF_DEAD_PROCESS);
    // The first to see the stale lock is slow: meanwhile the second removes it and takes the lock.
    let calls = 0;
    replaceLstat(async (...args) => {
      const result = await lstat(...args);
      if (++calls === 1) await delay(80);
      return result;
    });
    expect(await overlap(path, 2, 300)).toBe(1);
    expect(calls).toBeGreaterThan(1);
  });

  test('lets one task run at a time when a process crashed while removing a stale lock', async () => {
    const path = locked(OF_DEAD_PROCESS);
    const { ino, mtimeNs } = await promises.stat(`${path}.meta.lock`, { bigint: true });
    writeFileSync(`${path}.meta.lock.${ino}-${mtimeNs}-0a1b2c3d`, OF_DEAD_PROCESS);
    expect(await overlap(path, 5, 20)).toBe(1);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('is taken over at once when its process has ended, whatever its time', async () => {
    const path = locked(OF_DEAD_PROCESS);
    await promises.utimes(`${path}.meta.lock`, new Date('2099-01-01'), new Date('2099-01-01'));
    expect(await overlap(path, 2, 5)).toBe(1);
  });

  test.each([
    ['of another machine', OF_OTHER_MACHINE],
    ['of a process without a start time, whose pid is used again', OF_REUSED_PID],
    ['that names no process', ''],
  ])('%s is taken over after ten seconds without a change', async (_, content) => {
    const path = locked(content);
    await promises.utimes(`${path}.meta.lock`, new Date('2099-01-01'), new Date('2099-01-01'));
    clockJumps(2, 10_001);
    expect(await overlap(path, 1, 5)).toBe(1);
  });

  test('of another machine is not taken over while its time changes', async () => {
    const path = locked(OF_OTHER_MACHINE);
    // A heartbeat before each look.
    let seconds = 0;
    replaceLstat(async (...args) => {
      const time = new Date(Date.UTC(2020, 0, 1, 0, 0, (seconds += 2)));
      await promises.utimes(`${path}.meta.lock`, time, time);
      return lstat(...args);
    });
    clockJumps(20, 61_000);
    await expect(withLock(path, async () => undefined)).rejects.toMatchObject({
      code: 'store_unreachable',
    });
    expect(readFileSync(`${path}.meta.lock`, 'utf8')).toBe(OF_OTHER_MACHINE);
  });

  test('is taken over when this process itself could not remove it', async () => {
    const path = join(folder(), 'one');
    let content = '';
    await withLock(path, async () => {
      content = readFileSync(`${path}.meta.lock`, 'utf8');
    });
    writeFileSync(`${path}.meta.lock`, content);
    clockJumps(4, 10_001);
    expect(await overlap(path, 2, 5)).toBe(1);
  });

  test('is not removed after another process has taken it over', async () => {
    const path = join(folder(), 'one');
    await withLock(path, async () => writeFileSync(`${path}.meta.lock`, OF_RUNNING_PROCESS));
    expect(readFileSync(`${path}.meta.lock`, 'utf8')).toBe(OF_RUNNING_PROCESS);
    rmSync(`${path}.meta.lock`);
  });

  test('that another process has taken over is noticed before the change becomes visible', async () => {
    const path = join(folder(), 'one');
    const work = withLock(path, async ({ confirm }) => {
      await confirm();
      writeFileSync(`${path}.meta.lock`, OF_RUNNING_PROCESS);
      // This process stands still for as long.
      clockJumps(0, 10_001);
      await confirm();
    });
    await expect(work).rejects.toMatchObject({
      code: 'store_unreachable',
      message: `this process was suspended, and another one took over its lock ${path}.meta.lock`,
    });
  });

  test('that this process still holds is confirmed, however long it stood still', async () => {
    const work = withLock(join(folder(), 'one'), async ({ confirm }) => {
      clockJumps(0, 60_001);
      await confirm();
      return 'done';
    });
    expect(await work).toBe('done');
  });

  test('does not look old to others when the clock of its machine is behind', async () => {
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: start - 3 * DAY });
    const path = join(folder(), 'one');
    await withLock(path, async ({ takenAt }) => {
      const mtime = async () => (await promises.stat(`${path}.meta.lock`)).mtimeMs;
      vi.advanceTimersByTime(2_000);
      while ((await mtime()) === takenAt.getTime()) await delay(1);
      expect(await mtime()).toBeGreaterThan(start - DAY);
    });
  });

  test('is released when the task fails', async () => {
    const path = join(folder(), 'one');
    const failure = withLock(path, async () => {
      throw new Error('failed');
    });
    await expect(failure).rejects.toThrow('failed');
    expect(existsSync(`${path}.meta.lock`)).toBe(false);
  });

  test('ends the wait with an error after a minute', async () => {
    const path = locked(OF_RUNNING_PROCESS);
    clockJumps(1, 61_000);
    await expect(withLock(path, async () => undefined)).rejects.toMatchObject({
      code: 'store_unreachable',
      message: `process ${process.ppid} holds the lock ${path}.meta.lock for more than 1 min`,
      hint: 'Wait until that process has ended, or end it, then run the command again.',
    });
  });
});
