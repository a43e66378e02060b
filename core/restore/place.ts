// How a restored file is put in its place: it is written beside the target, and only a whole and
// synced one is linked or renamed to the target's name. A crash leaves the old file or the new one.

import { access, chmod, chown, link, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LifeboatError, systemCode } from '../lib/errors.ts';
import { compactTime } from '../lib/time.ts';

export type Target = {
  readonly path: string;
  /** Move an existing file aside instead of refusing it. */
  readonly force: boolean;
};

const SIBLINGS = ['', '-wal', '-shm', '-journal'];

/** A temporary name beside the target, so that it can be moved there without a copy. */
export function temporaryPath(target: Target, suffix: string): string {
  return join(dirname(target.path), `.${basename(target.path)}.lifeboat-${suffix}`);
}

/** Throws `usage` when nothing can be restored to the target. */
export async function checkTarget({ path, force }: Target): Promise<void> {
  await refuseOccupied(path, force);
  if (!(await exists(dirname(path))))
    throw new LifeboatError(
      'usage',
      `the folder ${dirname(path)} does not exist`,
      `Create it with \`mkdir -p ${dirname(path)}\`, or choose another target.`,
    );
}

/**
 * Puts a synced file in the target's place, durably. Returns the names under
 * which existing files were set aside. Never overwrites a file.
 */
export async function place(temporary: string, target: Target, at: Date): Promise<string[]> {
  const setAside = target.force ? await replaceOld(temporary, target.path, at) : [];
  if (!target.force) await placeNew(temporary, target.path);
  await sync(dirname(target.path));
  return setAside;
}

/** Makes what was written at the path survive a power cut. */
export async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

async function refuseOccupied(path: string, force: boolean): Promise<void> {
  const occupied = await existing(path);
  if (occupied.length === 0) return;
  if ((await lstat(path).catch(() => undefined))?.isDirectory())
    throw new LifeboatError('usage', `${path} is a directory`, 'Name the file to restore to.');
  if (!force)
    throw new LifeboatError(
      'usage',
      `${occupied.map((each) => basename(each)).join(', ')} already exists in ${dirname(path)}`,
      'Choose another target, or use --force, which moves the old files aside.',
    );
}

/** The database and the files that SQLite keeps beside it, as far as they exist. */
async function existing(path: string): Promise<string[]> {
  const paths: string[] = [];
  for (const suffix of SIBLINGS)
    if (await exists(`${path}${suffix}`)) paths.push(`${path}${suffix}`);
  return paths;
}

/** True for a dangling symbolic link too: a new file would replace it. */
function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () =>
      lstat(path).then(
        () => true,
        () => false,
      ),
  );
}

/**
 * Moves the old files aside, then the new one into its place, with owner and mode of the old one.
 */
async function replaceOld(temporary: string, path: string, at: Date): Promise<string[]> {
  const old = await lstat(path).catch(() => undefined);
  if (old?.isFile()) {
    await chmod(temporary, old.mode & 0o7777);
    await chown(temporary, old.uid, old.gid).catch(() => undefined);
  }
  const setAside: string[] = [];
  // The siblings first: a new database beside an old -wal would be corrupted by its first reader.
  for (const each of (await existing(path)).reverse()) {
    const name = `${path}.before-restore-${compactTime(at)}${each.slice(path.length)}`;
    await rename(each, name);
    setAside.push(name);
  }
  await rename(temporary, path);
  return setAside;
}

async function placeNew(temporary: string, path: string): Promise<void> {
  try {
    // A link refuses a target that has appeared meanwhile; a rename would overwrite it.
    await link(temporary, path);
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') await refuseOccupied(path, false);
    // No hard links here, or the file in the way is gone again.
    await rename(temporary, path);
    return;
  }
  await rm(temporary);
}
