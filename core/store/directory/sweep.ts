import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../lib/errors.ts';
import { holdsOwnObjects, isOwnFolder, isOwnKey, PREFIXES } from '../layout.ts';
import { removeEmptyFolders } from './change.ts';
import { isTemporary } from './files.ts';
import { isOwnLock, lockedName } from './lock.ts';
import { readSidecar, SIDECAR } from './sidecar.ts';

/**
 * Removes what crashed processes left: temporary files, locks, sidecars without an object, and
 * empty folders. Looks only into folders that the layout names and deletes only names that it
 * gives: a store may be a folder with other people's files in it. Gives what it removed.
 */
export async function sweep(root: string, olderThan: Date): Promise<string[]> {
  const removed: string[] = [];
  for (const prefix of PREFIXES)
    await sweepFolder({ root, olderThan, removed }, prefix.slice(0, -1));
  return removed;
}

type Sweep = { readonly root: string; readonly olderThan: Date; readonly removed: string[] };

async function sweepFolder(sweeping: Sweep, folder: string): Promise<void> {
  const { root, olderThan, removed } = sweeping;
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
      throw error;
    },
  );
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && isOwnFolder(path)) await sweepFolder(sweeping, path);
    if (!entry.isFile() || !(await isLeftover(root, folder, entry.name, names))) continue;
    if (!(await isOlder(join(root, path), olderThan))) continue;
    await rm(join(root, path), { force: true });
    removed.push(path);
    await removeEmptyFolders(root, path);
  }
  // The folders of a process that was killed before it wrote a file.
  if (entries.length > 0 || PREFIXES.some((prefix) => prefix === `${folder}/`)) return;
  if (await isOlder(join(root, folder), olderThan))
    await rmdir(join(root, folder)).catch(() => undefined);
}

/** Whether Lifeboat made the file, and no object needs it. */
async function isLeftover(
  root: string,
  folder: string,
  name: string,
  siblings: ReadonlySet<string>,
): Promise<boolean> {
  if (isTemporary(name)) return holdsOwnObjects(folder);
  const path = join(root, folder, name);
  const locked = lockedName(name);
  if (locked !== undefined) return isOwnKey(`${folder}/${locked}`) && isOwnLock(path);
  if (!name.endsWith(SIDECAR)) return false;
  const object = name.slice(0, -SIDECAR.length);
  if (siblings.has(object) || !isOwnKey(`${folder}/${object}`)) return false;
  const sidecar = await readSidecar(join(root, folder, object));
  return sidecar !== undefined && sidecar !== 'damaged';
}

async function isOlder(path: string, than: Date): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  return file !== undefined && file.mtime <= than;
}
