// What a folder store does to an object, under its lock.
import { link, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LifeboatError } from '../../lib/errors.ts';
import { createCrc32c } from '../../lib/bytes/crc32c.ts';
import { isOwnKey } from '../layout.ts';
import type { Body, StoredObject } from '../store.ts';
import { replaceFile, flushFolder, writeTemporary } from './files.ts';
import { withLock } from './lock.ts';
import { missingObject, objectPath, describeObject } from './object.ts';
import { readSidecar, SIDECAR, writeSidecar } from './sidecar.ts';

/** Undefined when the object exists already. */
export async function createObject(
  root: string,
  key: string,
  body: Body,
  expires: Date | undefined,
): Promise<StoredObject | undefined> {
  const path = objectPath(root, key);
  if (await describeObject(root, key)) return undefined;
  const crc = await createCrc32c();
  const temporary = await writeTemporary(path, body, (chunk) => crc.update(chunk));
  try {
    return await withLock(path, async ({ confirm }) => {
      if (await describeObject(root, key)) return undefined;
      const { mtimeNs } = await stat(temporary, { bigint: true });
      // The sidecar first: an object that is visible always has its expiry. Without the object it
      // is an orphan that `sweep` removes.
      const sidecar = {
        crc32c: crc.hex(),
        mtime: String(mtimeNs),
        expires: expires?.toISOString(),
        held: false,
      };
      await writeSidecar(path, sidecar, confirm);
      await link(temporary, path);
      await flushFolder(dirname(path));
      return describeObject(root, key);
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Moves the expiry later, or sets the hold. Throws `not_found`. */
export async function updateObject(
  root: string,
  key: string,
  change: { readonly expires?: Date; readonly held?: boolean },
): Promise<void> {
  const path = objectPath(root, key);
  if (!(await describeObject(root, key))) throw missingObject(root, key);
  await withLock(path, async ({ confirm }) => {
    if (!(await describeObject(root, key))) throw missingObject(root, key);
    const sidecar = await readSidecar(path);
    // Lost or damaged: the object is kept for ever, so there is nothing to move later or to hold.
    if (!sidecar || sidecar === 'damaged') return;
    const isLater =
      change.expires && sidecar.expires !== undefined && change.expires > new Date(sidecar.expires);
    const expires = isLater ? change.expires?.toISOString() : sidecar.expires;
    const isHeld = change.held ?? sidecar.held;
    if (expires === sidecar.expires && isHeld === sidecar.held) return;
    await writeSidecar(path, { ...sidecar, expires, held: isHeld }, confirm);
  });
}

/** Records that the content, if it is still this one, has this checksum. */
export async function confirmObject(
  root: string,
  { key, generation }: Pick<StoredObject, 'key' | 'generation'>,
  crc32c: string,
): Promise<void> {
  const path = objectPath(root, key);
  await withLock(path, async ({ confirm }) => {
    if ((await describeObject(root, key))?.generation !== generation) return;
    const sidecar = (await readSidecar(path)) ?? { held: false };
    // Of a damaged one, nothing is concluded.
    if (sidecar === 'damaged') return;
    const { mtimeNs } = await stat(path, { bigint: true });
    await writeSidecar(path, { ...sidecar, crc32c, mtime: String(mtimeNs) }, confirm);
  });
}

export async function replaceObject(
  root: string,
  key: string,
  body: Uint8Array,
  generation: string | undefined,
): Promise<boolean> {
  const path = objectPath(root, key);
  return withLock(path, async ({ confirm }) => {
    if ((await describeObject(root, key))?.generation !== generation) return false;
    await replaceFile(path, body, confirm);
    return true;
  });
}

/**
 * Whether the object has been deleted: it is not while it is held or has not expired, by the clock
 * of the caller and by that of the store. A machine whose clock is ahead must not empty a network
 * share.
 */
export async function removeObject(root: string, key: string, now: Date): Promise<boolean> {
  const path = objectPath(root, key);
  if (!(await describeObject(root, key))) return true;
  const isRemoved = await withLock(path, async ({ takenAt, confirm }) => {
    const object = await describeObject(root, key);
    if (!object) return true;
    if (object.held || !object.expires) return false;
    if (object.expires > now || object.expires > takenAt) return false;
    await confirm();
    // The object first: the other way round a death in between leaves one that never expires.
    await rm(path, { force: true });
    await rm(`${path}${SIDECAR}`, { force: true });
    return true;
  });
  await removeEmptyFolders(root, key);
  return isRemoved;
}

/** Deletes an object that is part of no backup, whenever it expires. */
export async function discardObject(root: string, key: string): Promise<void> {
  if (key.startsWith('databases/') || !isOwnKey(key))
    throw new LifeboatError(
      'internal',
      `refused to delete ${key}, which ${isOwnKey(key) ? 'belongs to a backup' : 'Lifeboat did not write'}`,
      'This is a bug in Lifeboat. Please report it.',
    );
  const path = objectPath(root, key);
  if (!(await describeObject(root, key))) return;
  await withLock(path, async ({ confirm }) => {
    await confirm();
    await rm(path, { force: true });
    await rm(`${path}${SIDECAR}`, { force: true });
  });
  await removeEmptyFolders(root, key);
}

/**
 * Removes the folders above a key that are empty, but for the topmost one. A process that has just
 * made one of them makes it again (`createFile`).
 */
export async function removeEmptyFolders(root: string, key: string): Promise<void> {
  const folders = key.split('/').slice(0, -1);
  for (; folders.length > 1; folders.pop())
    if (!(await isRemovedFolder([root, ...folders].join('/')))) return;
}

async function isRemovedFolder(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch {
    // It has something in it, or another process was faster.
    return false;
  }
}
