// How a restored file is put in its place. At every moment the target is the old database with all
// of its rows, or the new one: a crash leaves one of the two. SQLite reads the rows of a `-wal` or a
// hot `-journal` only beside its database, and two files cannot be renamed at once, so the order is:
//
// 1. link the old files to the names under which they are set aside
// 2. replace the old database with a copy into which its `-wal` or `-journal` is already merged;
//    applying them once more changes nothing
// 3. remove the old `-journal`, `-wal` and `-shm`
// 4. replace the database with the new one
//
// An old database that SQLite cannot read has no such copy. Then it is removed before step 3, and
// the target is absent until step 4: an application fails to start, and never sees half a database.

import { constants, link, lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { copyAttributes } from './attributes.ts';
import { requireSame, type FileBeside } from './beside.ts';
import { refuseInUse } from './in-use.ts';
import { withMergedCopy } from '../merged-copy.ts';
import { setAside } from './set-aside.ts';
import { existingFiles, refuseOccupied, type Target } from './target.ts';

type Placement = {
  readonly at: Date;
  /** A folder for private temporary folders. */
  readonly temporary: string;
  readonly signal: AbortSignal | undefined;
  readonly evenIfOpen?: boolean | undefined;
};

/**
 * Puts a synced file in the target's place, durably. Returns the names under which existing files
 * were set aside. Never overwrites a file that it did not set aside.
 */
export async function place(
  file: FileBeside,
  { path, force }: Target,
  placement: Placement,
): Promise<string[]> {
  const occupied = force && (await existingFiles(path)).length > 0;
  if (occupied) return replaceOld(file, path, placement);
  await placeNew(file, path);
  return [];
}

async function replaceOld(file: FileBeside, path: string, placement: Placement): Promise<string[]> {
  await refuseOccupied(path, true);
  await using old = await openOld(path);
  return await withMergedCopy({ path, old, ...placement }, async (merged) => {
    placement.signal?.throwIfAborted();
    // Once more: the application may have been started since the restore began.
    if (!placement.evenIfOpen) await refuseInUse(path);
    const siblings = (await existingFiles(path)).filter((each) => each !== path);
    const names = await setAside(path, placement.at);
    await syncFolder(path);
    if (old) await requireUnchanged(old, path);
    if (old && merged instanceof Object) await renameOver(merged, path, old);
    if (merged === 'impossible') await unlink(path);
    await syncFolder(path);
    // The journal first: without the -wal it would roll back what the merged copy has of it.
    for (const each of siblings.reverse()) await unlink(each);
    await syncFolder(path);
    if (old && merged !== 'impossible') await renameOver(file, path, old);
    else await placeNew(file, path, old);
    return names;
  });
}

async function renameOver(file: FileBeside, path: string, old: FileHandle): Promise<void> {
  await keepAttributes(file, old);
  await rename(file.path, path);
  await requireSame({ path, handle: file.handle });
  await syncFolder(path);
}

async function placeNew(file: FileBeside, path: string, old?: FileHandle): Promise<void> {
  await keepAttributes(file, old);
  try {
    // A link refuses a target that has appeared meanwhile; a rename would overwrite it.
    await link(file.path, path);
  } catch {
    await refuseOccupied(path, false);
    // No hard links on this file system.
    await rename(file.path, path);
  }
  await unlink(file.path).catch(() => undefined);
  await requireSame({ path, handle: file.handle });
  await syncFolder(path);
}

/** As late as possible: the owner of the old file may write to this one from here on. */
async function keepAttributes(file: FileBeside, old: FileHandle | undefined): Promise<void> {
  if (old) await copyAttributes(old, file.handle);
  await file.handle.sync();
  await requireSame(file);
}

/** The old database, by a handle that no link can lead elsewhere; `undefined` where there is none. */
async function openOld(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new LifeboatError(
      'usage',
      `${path} cannot be read (${systemCode(cause) ?? String(cause)}), so its owner and mode cannot be kept`,
      'Run the restore as root or as the owner of the file.',
      { cause },
    );
  }
}

/** What was set aside must be what is replaced. */
async function requireUnchanged(old: FileHandle, path: string): Promise<void> {
  const [before, now] = [
    await old.stat({ bigint: true }),
    await lstat(path, { bigint: true }).catch(() => undefined),
  ];
  if (before.isFile() && now?.dev === before.dev && now.ino === before.ino) return;
  throw new LifeboatError(
    'usage',
    `${path} was replaced while the backup was being restored`,
    'Stop the application and any other restore, then run the command again.',
  );
}

/** Makes the names in the folder survive a power cut. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}
