import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { retry } from '../../lib/async.ts';
import { isTransient, LifeboatError, systemCode } from '../../lib/errors.ts';
import { makeFolder } from './files.ts';
import { SIDECAR } from './sidecar.ts';
import { MINUTE_MS } from '../../lib/time.ts';

const LOCK = `${SIDECAR}.lock`;
/**
 * The right to remove a stale lock is a lock itself, whose name adds the identity of the stale one.
 */
const IDENTITIES = /(\.\d+--?\d+)*$/;
// The work under a lock takes milliseconds: the process that made an older one has died.
const STALE_MS = 10_000;
const LONGEST_WAIT_MS = MINUTE_MS;

/**
 * Runs `work` while no other process changes the object. Throws `store_unreachable` when the lock
 * stays taken for a minute.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}${LOCK}`;
  await makeFolder(dirname(lock));
  const end = performance.now() + LONGEST_WAIT_MS;
  await retry(() => take(lock), {
    pauseMs: (error) =>
      isTransient(error) && performance.now() < end ? 5 + Math.random() * 20 : undefined,
  });
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Whether a file in the store is a lock. */
export function isLock(name: string): boolean {
  return name.replace(IDENTITIES, '').endsWith(LOCK);
}

/** Makes the lock file, or fails with a transient error; then a stale one is gone. */
async function take(lock: string): Promise<void> {
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const present = await identify(lock);
  if (present?.stale) await removeStale(lock, present.id);
  throw new LifeboatError(
    'store_unreachable',
    `another process holds the lock ${lock} for more than ${LONGEST_WAIT_MS / 1000} s`,
    'Wait until the other run has ended, then run it again.',
    { transient: true },
  );
}

/**
 * Several processes may see the same stale lock, and a slow one must not remove the lock that a
 * fast one has made since. Only the process that holds a lock named after the stale one may remove
 * it, and only while it is still the same file.
 */
async function removeStale(lock: string, id: string): Promise<void> {
  const right = `${lock}.${id}`;
  await take(right);
  try {
    if ((await identify(lock))?.id === id) await rm(lock, { force: true });
  } finally {
    await rm(right, { force: true });
  }
}

/**
 * The inode can be used again, but not with the same time in nanoseconds. A time in the future
 * comes from a clock that was wrong.
 */
async function identify(lock: string): Promise<{ id: string; stale: boolean } | undefined> {
  try {
    const { ino, mtimeNs, mtimeMs } = await stat(lock, { bigint: true });
    const stale = Math.abs(Date.now() - Number(mtimeMs)) > STALE_MS;
    return { id: `${ino}-${mtimeNs}`, stale };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
