import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError } from '../lib/errors.ts';

const NAME = /^lifeboat-(\d+)-(\d+)-[0-9a-f]{8}$/;

/** Removes what lies at the path when the process ends in the middle of the work. */
export async function removedAtExit<T>(path: string, work: () => Promise<T>): Promise<T> {
  const last = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', last);
  try {
    return await work();
  } finally {
    process.off('exit', last);
  }
}

/**
 * A private folder (0700) under `root` for the time of `work`, removed in every ending in which
 * this process can still act.
 */
export async function withWorkspace<T>(
  root: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = join(
    root,
    `lifeboat-${process.pid}-${startTime(process.pid)}-${randomBytes(4).toString('hex')}`,
  );
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    throw new LifeboatError(
      'insufficient_space',
      `no temporary folder can be made in ${root}`,
      'Free some space there, or name another folder in TMPDIR.',
      { cause },
    );
  }
  return removedAtExit(directory, async () => {
    try {
      return await work(directory);
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  });
}

/** Removes the folders of processes that died, of this user only. Their names. */
export async function sweepWorkspaces(root: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    const [, pid, started] = NAME.exec(name) ?? [];
    if (pid === undefined || started === undefined || isAlive(Number(pid), started)) continue;
    const found = await lstat(join(root, name)).catch(() => undefined);
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue;
    await rm(join(root, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/**
 * Start time of a process in clock ticks, so that a recycled process number is not taken for its
 * former owner; 0 where it cannot be known.
 */
function startTime(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}

function isAlive(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return started === '0' || startTime(pid) === started;
}
