import { readFile, rm, stat, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../../lib/errors.ts';
import { makeFolder, replaceFile } from './files.ts';
import { dirname } from 'node:path';

/** What a bucket keeps in an object's metadata. `mtime` (ns) ties the checksum to the content it was taken of. */
export type Sidecar = {
  readonly crc32c: string;
  readonly mtime: string;
  readonly expires?: string;
  readonly held: boolean;
};

export const SIDECAR = '.meta';
const LOCK = '.lock';
const STALE_MS = 10_000;

/** A sidecar that is lost or unreadable is `undefined`: such an object never expires. */
export async function readSidecar(path: string): Promise<Sidecar | undefined> {
  try {
    const value = JSON.parse(await readFile(`${path}${SIDECAR}`, 'utf8')) as Sidecar;
    return typeof value.crc32c === 'string' && typeof value.held === 'boolean' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeSidecar(path: string, sidecar: Sidecar): Promise<void> {
  return replaceFile(`${path}${SIDECAR}`, Buffer.from(JSON.stringify(sidecar)));
}

/** Runs `work` while no other process changes the same object. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}${SIDECAR}${LOCK}`;
  await makeFolder(dirname(lock));
  while (!(await claim(lock))) await sleep(5 + Math.random() * 20);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function claim(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const held = await stat(path).catch(() => undefined);
  // Its owner died: the work under this lock takes milliseconds.
  if (held && Date.now() - held.mtimeMs > STALE_MS) await rm(path, { force: true });
  return false;
}
