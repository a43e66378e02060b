import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatIdentity, ownIdentity } from '../../core/lib/processes/process-identity.ts';
import { sweepWorkspaces, withWorkspace } from '../../core/sqlite/workspace.ts';
import { folder } from '../support/files.ts';

const { pid: deadPid } = spawnSync('true');
const own = ownIdentity();
const elsewhere = formatIdentity({ ...own, pid: deadPid, scope: '00000000' });

/** A workspace with a file in it, last touched so many hours ago. */
function workspace(root: string, owner: string, hours: number): string {
  const name = `lifeboat-${owner}-0a1b2c3d`;
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, 'snapshot'), 'x');
  const time = new Date(Date.now() - hours * 3_600_000);
  utimesSync(join(root, name), time, time);
  return name;
}

/** Sets the clock of this process, but not that of the file system. */
function moveClock(hours: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
}

afterEach(() => vi.useRealTimers());

describe('the temporary folder of a run', () => {
  test('is private, and is removed with the work', async () => {
    const root = folder();
    const path = await withWorkspace(root, async (directory) => {
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(await sweepWorkspaces(root)).toEqual([]);
      return directory;
    });
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['a process that has ended', formatIdentity({ ...own, pid: deadPid })],
    ['a process whose pid is used again', formatIdentity({ ...own, startTime: '1' })],
  ])('is removed by the next run if it belongs to %s', async (_, owner) => {
    const root = folder();
    const name = workspace(root, owner, 0);
    expect(await sweepWorkspaces(root)).toEqual([name]);
    expect(readdirSync(root)).toEqual([]);
  });

  test.each([
    ['of another container', elsewhere],
    ['of an older version', `${deadPid}-1`],
  ])('%s is removed only after a day without a sign of life', async (_, owner) => {
    const root = folder();
    const name = workspace(root, owner, 23);
    expect(await sweepWorkspaces(root)).toEqual([]);
    expect(statSync(join(root, name)).mtimeMs).toBeGreaterThan(0);
    moveClock(2);
    expect(await sweepWorkspaces(root)).toEqual([]);
    moveClock(0.3);
    expect(await sweepWorkspaces(root)).toEqual([]);
    expect(readdirSync(root)).toEqual([name]);
    moveClock(0.1);
    expect(await sweepWorkspaces(root)).toEqual([name]);
  });

  test('outlives clocks that jump ahead by days while its process gives signs of life', async () => {
    const root = folder();
    const name = workspace(root, elsewhere, 0);
    for (let day = 0; day < 3; day += 1) {
      moveClock(48);
      expect(await sweepWorkspaces(root)).toEqual([]);
      expect(await sweepWorkspaces(root)).toEqual([]);
      // The next sign of life of the process.
      utimesSync(join(root, name), new Date(), new Date());
    }
    expect(readdirSync(root)).toEqual([name]);
  });

  test('is removed although the clock was a year ahead when it began to look abandoned', async () => {
    const root = folder();
    const name = workspace(root, elsewhere, 0);
    moveClock(365 * 24);
    expect(await sweepWorkspaces(root)).toEqual([]);
    moveClock(-365 * 24);
    expect(await sweepWorkspaces(root)).toEqual([]);
    moveClock(0.4);
    expect(await sweepWorkspaces(root)).toEqual([name]);
  });

  test.each([['lifeboat-ssh'], ['lifeboat-1-2-3'], ['lifeboat-notes-0a1b2c3d'], ['other']])(
    'is nothing that is called %s',
    async (name) => {
      const root = folder();
      mkdirSync(join(root, name));
      utimesSync(join(root, name), new Date(0), new Date(0));
      expect(await sweepWorkspaces(root)).toEqual([]);
    },
  );
});
