import { randomBytes } from 'node:crypto';
import { rmSync, type Stats } from 'node:fs';
import { lstat, lutimes, mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError, systemCode } from '../lib/errors.ts';
import {
  formatIdentity,
  ownIdentity,
  parseIdentity,
  processState,
} from '../lib/processes/process-identity.ts';
import { DAY_MS, MINUTE_MS } from '../lib/text/time.ts';
import { ownUserName } from '../lib/user-name.ts';

/** Older versions did not name the boot and the container. */
const WORKSPACE = /^lifeboat-(\d+-\d+(?:-[0-9a-f]{8})?)-[0-9a-f]{8}$/;
const SIGN_OF_LIFE_MS = 10 * MINUTE_MS;
/** Longer than a machine sleeps at night with a run in it. */
const SUSPECT_MS = DAY_MS;
/** Nothing else gives a folder this modification time, and each sign of life replaces it. */
const SUSPECT_MARK = new Date(0);
/** Two signs of life, of which a live process gives at least one. */
const SILENCE_MS = 2 * SIGN_OF_LIFE_MS;

/**
 * Runs `work` with a private folder (0700) below `root`, and removes the folder whether the work
 * succeeds, fails or ends with the process. Only a killed process leaves it (`sweepWorkspaces`).
 */
export async function withWorkspace<T>(
  root: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = join(
    root,
    `lifeboat-${formatIdentity(ownIdentity())}-${randomBytes(4).toString('hex')}`,
  );
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    throw new LifeboatError(
      'insufficient_space',
      `user ${ownUserName()} cannot create a temporary folder in ${root} (${systemCode(cause) ?? String(cause)})`,
      `Free some space in ${root}, or set TMPDIR to another folder.`,
      { cause },
    );
  }
  const signs = setInterval(() => void touch(directory), SIGN_OF_LIFE_MS).unref();
  return removedAtExit(directory, async () => {
    try {
      return await work(directory);
    } finally {
      clearInterval(signs);
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  });
}

/** Removes the file or folder at the path if the process exits during the work. */
export async function removedAtExit<T>(path: string, work: () => Promise<T>): Promise<T> {
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await work();
  } finally {
    process.off('exit', remove);
  }
}

/** Removes the folders of this user's crashed processes, and returns their names. */
export async function sweepWorkspaces(root: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await readdir(root).catch(() => [])) {
    const owner = WORKSPACE.exec(name)?.[1];
    if (owner === undefined || !(await isAbandoned(join(root, name), owner))) continue;
    await rm(join(root, name), { recursive: true, force: true });
    names.push(name);
  }
  return names;
}

async function isAbandoned(path: string, owner: string): Promise<boolean> {
  const identity = parseIdentity(owner);
  const state = identity ? processState(identity) : 'unknown';
  if (state === 'running') return false;
  const folder = await lstat(path).catch(() => undefined);
  if (!folder?.isDirectory() || folder.uid !== process.getuid?.()) return false;
  return state === 'ended' || isSilent(path, folder);
}

/**
 * Whether a process that cannot be looked up, as in another container, no longer touches its folder.
 * One look cannot show that: a clock that jumps ahead, or a machine that wakes up, makes the folder
 * of a live process look old until its next sign of life. So a first sweep marks an old folder, and
 * a later one removes it if it still has the mark. The access time says since when.
 */
async function isSilent(path: string, folder: Stats): Promise<boolean> {
  const now = Date.now();
  const isMarked = folder.mtimeMs === SUSPECT_MARK.getTime();
  if (!isMarked && now - folder.mtimeMs <= SUSPECT_MS) return false;
  const markedMs = now - folder.atimeMs;
  if (isMarked && markedMs >= 0) return markedMs > SILENCE_MS;
  await lutimes(path, new Date(now), SUSPECT_MARK).catch(() => undefined);
  return false;
}

async function touch(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now).catch(() => undefined);
}
