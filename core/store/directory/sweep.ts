import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../../lib/errors.ts';
import { holdsOwnObjects, isOwnFolder, isOwnKey, PREFIXES } from '../layout.ts';
import { removeEmptyFolders } from './change.ts';
import { hasLostWriter, isBeingWritten, isTemporaryFile, timeIn } from './files.ts';
import { isAbandonedLock, lockedName, withLock } from './lock.ts';
import { readSidecar, SIDECAR } from './sidecar.ts';

/**
 * Removes what crashed processes left: temporary files, locks, sidecars without an object, and
 * empty folders. Looks only into folders that the layout names and deletes only names that it
 * gives: a store may be a folder with other people's files in it. Removes nothing of a process that
 * runs, and nothing younger than `ageMs` by the clock of this machine or of the store: either may be
 * ahead. Only the temporary file of a process that is known to have ended goes at once. Returns the
 * names of the files.
 */
export async function sweep(root: string, ageMs: number): Promise<string[]> {
  const names: string[] = [];
  for (const prefix of PREFIXES) await sweepFolder({ root, ageMs, names }, prefix.slice(0, -1));
  return names;
}

type Sweep = { readonly root: string; readonly ageMs: number; readonly names: string[] };

async function sweepFolder(sweeping: Sweep, folder: string): Promise<void> {
  const { root, ageMs, names } = sweeping;
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
      throw error;
    },
  );
  const siblings = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && isOwnFolder(path)) await sweepFolder(sweeping, path);
    if (!entry.isFile() || !(await isOwnLeftover(root, folder, entry.name, siblings))) continue;
    if (!hasLostWriter(entry.name) && !(await isOld(root, path, ageMs))) continue;
    await removeLeftover(join(root, path));
    names.push(path);
    await removeEmptyFolders(root, path);
  }
  // The folders of a process that was killed before it wrote a file.
  if (entries.length > 0 || PREFIXES.some((prefix) => prefix === `${folder}/`)) return;
  if (await isOlder(join(root, folder), ageMs, new Date()))
    await rmdir(join(root, folder)).catch(() => undefined);
}

async function removeLeftover(path: string): Promise<void> {
  if (!path.endsWith(SIDECAR)) return rm(path, { force: true });
  // Under the lock of its object: a process that creates the object now has just written it anew.
  const object = path.slice(0, -SIDECAR.length);
  const before = await lstat(path, { bigint: true }).catch(() => undefined);
  await withLock(object, async ({ confirm }) => {
    if ((await lstat(object).catch(() => undefined)) !== undefined) return;
    const after = await lstat(path, { bigint: true }).catch(() => undefined);
    if (after === undefined || after.mtimeNs !== before?.mtimeNs) return;
    await confirm();
    await rm(path, { force: true });
  });
}

/** Whether Lifeboat made the file, and neither an object nor a running process needs it. */
async function isOwnLeftover(
  root: string,
  folder: string,
  name: string,
  siblings: ReadonlySet<string>,
): Promise<boolean> {
  if (isTemporaryFile(name)) return holdsOwnObjects(folder) && !isBeingWritten(name);
  const path = join(root, folder, name);
  const locked = lockedName(name);
  if (locked !== undefined) return isOwnKey(`${folder}/${locked}`) && isAbandonedLock(path);
  if (!name.endsWith(SIDECAR)) return false;
  const object = name.slice(0, -SIDECAR.length);
  if (siblings.has(object) || !isOwnKey(`${folder}/${object}`)) return false;
  const sidecar = await readSidecar(join(root, folder, object));
  return sidecar !== undefined && sidecar !== 'damaged';
}

async function isOld(root: string, path: string, ageMs: number): Promise<boolean> {
  const file = join(root, path);
  return (
    (await isOlder(file, ageMs, new Date())) &&
    (await isOlder(file, ageMs, await timeIn(dirname(file))))
  );
}

async function isOlder(path: string, ageMs: number, now: Date): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  return file !== undefined && now.getTime() - file.mtimeMs >= ageMs;
}
