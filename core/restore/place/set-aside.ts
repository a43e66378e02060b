import { constants, link, lstat, open, unlink } from 'node:fs/promises';
import { systemCode } from '../../lib/errors.ts';
import { compactTime } from '../../lib/text/time.ts';
import { copyAttributes } from './attributes.ts';
import { copyBytes } from './copy-bytes.ts';
import { DATABASE_SUFFIXES, existingFiles } from './target.ts';

/** What file systems without hard links, and systems that forbid a particular one, answer. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives the database and its siblings second names, `<name>.before-restore-<time>`, or the next
 * free ones. The old names stay. Never overwrites a file.
 */
export async function setAside(path: string, at: Date): Promise<string[]> {
  const base = `${path}.before-restore-${compactTime(at)}`;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (await isFree(name)) {
      const names = await linkAll(path, name);
      if (names) return names;
    }
  }
}

async function isFree(name: string): Promise<boolean> {
  for (const suffix of DATABASE_SUFFIXES)
    if (await lstat(`${name}${suffix}`).catch(() => undefined)) return false;
  return true;
}

/**
 * `undefined` when another restore took one of the names meanwhile. The names linked so far stay:
 * one of them could already be the last name of its file.
 */
async function linkAll(path: string, base: string): Promise<string[] | undefined> {
  const names: string[] = [];
  try {
    for (const each of (await existingFiles(path)).reverse()) {
      const name = `${base}${each.slice(path.length)}`;
      await linkOrCopy(each, name);
      names.push(name);
    }
    return names;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw error;
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error) ?? '')) throw error;
    await copyWhole(from, to);
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  await using copy = await open(to, 'wx', 0o600);
  try {
    await copyBytes(source, copy);
    await copyAttributes(source, copy);
    await copy.sync();
  } catch (error) {
    await unlink(to);
    throw error;
  }
}
