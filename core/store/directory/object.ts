import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { filePieces } from '../../lib/files/file-pieces.ts';
import { checkKey, isKey } from '../key.ts';
import type { StoredObject } from '../store.ts';
import { storeFailure } from './failure.ts';
import { openRegular } from './files.ts';
import { lockedName } from './lock.ts';
import { readSidecar, SIDECAR } from './sidecar.ts';

const OBJECT_PIECE_BYTES = 2 ** 20;

/** The path of an object. Throws `internal` when this is no key of one. */
export function objectPath(root: string, key: string): string {
  if (isInternal(key))
    throw new LifeboatError(
      'internal',
      `${key} is not a valid key of an object`,
      'This is a bug in Lifeboat. Please report it.',
    );
  return join(root, checkKey(key));
}

/** Undefined when absent. A link, a folder or a pipe is no object. */
export async function describeObject(root: string, key: string): Promise<StoredObject | undefined> {
  const path = objectPath(root, key);
  const file = await lstat(path, { bigint: true }).catch((error: unknown) => {
    if (isAbsence(error)) return undefined;
    throw error;
  });
  if (!file?.isFile()) return undefined;
  const sidecar = await readSidecar(path);
  const metadata = sidecar === 'damaged' ? undefined : sidecar;
  return {
    key,
    size: Number(file.size),
    crc32c: metadata?.mtime === String(file.mtimeNs) ? metadata.crc32c : undefined,
    expires: metadata?.expires === undefined ? undefined : new Date(metadata.expires),
    held: metadata?.held ?? false,
    metadataDamaged: sidecar === 'damaged',
    generation: `${file.ino}-${file.mtimeNs}`,
  };
}

export async function* readObject(root: string, key: string): AsyncGenerator<Uint8Array> {
  try {
    const file = await openRegular(objectPath(root, key));
    if (file === undefined) throw missingObject(root, key);
    if (file === 'irregular')
      throw new LifeboatError(
        'backup_damaged',
        `${join(root, key)} is not a regular file`,
        'Find out what replaced the file, and run `lifeboat verify` to see what else is damaged.',
      );
    try {
      yield* filePieces(file, Math.min(OBJECT_PIECE_BYTES, (await file.stat()).size + 1));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storeFailure(error, root, 'read');
  }
}

const LISTING_ATTEMPTS = 100;

/**
 * The keys of the objects whose key starts with the prefix, in order; `shallow`: without the folders
 * below.
 */
export async function listKeys(root: string, prefix: string, shallow: boolean): Promise<string[]> {
  const names = await namesBelow(root, prefix, shallow);
  return names.filter((name) => isKey(name) && !isInternal(name)).sort();
}

export function missingObject(root: string, key: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `the store ${root} has no object ${key}`,
    'Run `lifeboat verify` to see what else is missing.',
  );
}

async function namesBelow(root: string, folder: string, shallow: boolean): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(join(root, folder))) {
    if (entry.isFile()) names.push(`${folder}${entry.name}`);
    else if (entry.isDirectory() && !shallow)
      names.push(...(await namesBelow(root, `${folder}${entry.name}/`, shallow)));
  }
  return names;
}

/**
 * What is in a folder; nothing when there is none. Where the file system does not tell the types of
 * entries (NFS), Node examines each of them and fails when one was deleted meanwhile: that is not
 * an absent folder.
 */
async function entriesOf(path: string): Promise<Dirent[]> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (!isAbsence(error)) throw error;
      if (!(await isFolder(path))) return [];
      if (attempt === LISTING_ATTEMPTS) throw error;
    }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

function isInternal(key: string): boolean {
  return key.endsWith(SIDECAR) || lockedName(key) !== undefined;
}

function isAbsence(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}
