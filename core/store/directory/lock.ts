import { randomBytes } from 'node:crypto';
import { lstat, rm, type FileHandle } from 'node:fs/promises';
import { retry } from '../../lib/async.ts';
import { isTransient, LifeboatError, systemCode } from '../../lib/errors.ts';
import { ENGLISH, formatTook } from '../../lib/text/format.ts';
import {
  formatIdentity,
  ownIdentity,
  parseIdentity,
  processState,
  type ProcessIdentity,
} from '../../lib/processes/process-identity.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/text/time.ts';
import { createFile, readSmallFile } from './files.ts';
import { SIDECAR } from './sidecar.ts';

const LOCK = `${SIDECAR}.lock`;
/**
 * The right to remove a stale lock is a lock itself, whose name adds the identity of the stale one.
 */
const IDENTITIES = /(\.\d+--?\d+(-[0-9a-f]{8})?)*$/;
const LOCK_CONTENT = /^(.*) ([0-9a-f]{8})$/;
const HEARTBEAT_MS = 2 * SECOND_MS;
// Five heartbeats: a disk that is busy delays some of them.
const STALE_MS = 10 * SECOND_MS;
// Nobody takes over a lock that is younger than this.
const SURE_MS = STALE_MS / 2;
const LONGEST_WAIT_MS = MINUTE_MS;

/** The locks of this process: one that it could not remove does not block it for ever. */
const heldTokens = new Set<string>();

/** The lock while the work runs. */
export type HeldLock = {
  /** When it was taken, by the clock of the store: that of the file server on a network share. */
  readonly takenAt: Date;
  /**
   * Throws `store_unreachable` when another process has taken it over, because this one was stopped
   * or its machine slept. Called right before a change becomes visible.
   */
  readonly confirm: () => Promise<void>;
};

type OwnLock = {
  readonly path: string;
  readonly token: string;
  readonly file: FileHandle;
  readonly takenAt: Date;
  /** By both clocks of this machine: each of them may stand still while the machine sleeps. */
  readonly since: { readonly monotonic: number; readonly wall: number };
};

type LockState = { readonly id: string; readonly stale: boolean; readonly holder: string };
/** For each lock that a waiting process has met: what it was, and since when it is the same. */
type Sightings = Map<string, { readonly id: string; readonly since: number }>;

/**
 * Runs `work` while no other process changes the object. Throws `store_unreachable` when the lock
 * stays taken for a minute.
 *
 * A lock is stale when the process that it names has ended. Where that cannot be known (a process of
 * another machine or container, or a system without /proc), its lock is stale when its time did not
 * change for ten seconds, by the clock of the one who waits: the clocks of two machines, and of a
 * network share, may differ.
 */
export async function withLock<T>(path: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  const lock = `${path}${LOCK}`;
  const sightings: Sightings = new Map();
  const end = performance.now() + LONGEST_WAIT_MS;
  const own = await retry(() => takeLock(lock, sightings), {
    pauseMs: (error) =>
      isTransient(error) && performance.now() < end ? 5 + Math.random() * 20 : undefined,
  });
  const heartbeat = setInterval(() => void beat(own), HEARTBEAT_MS).unref();
  try {
    return await work({ takenAt: own.takenAt, confirm: () => requireHeld(own) });
  } finally {
    clearInterval(heartbeat);
    await release(own);
  }
}

/** The name of the object that a lock file is for; undefined for any other file. */
export function lockedName(name: string): string | undefined {
  const lock = name.replace(IDENTITIES, '');
  return lock.endsWith(LOCK) ? lock.slice(0, -LOCK.length) : undefined;
}

/** Whether a lock file has content that Lifeboat writes, and no process that runs holds it. */
export async function isAbandonedLock(path: string): Promise<boolean> {
  const content = await readContent(path);
  if (content === undefined) return false;
  const owner = holderIn(content);
  return owner ? stateOfHolder(owner, content) !== 'running' : content === '';
}

/** Makes the lock file, or fails with a transient error; then a stale one is gone. */
async function takeLock(path: string, sightings: Sightings): Promise<OwnLock> {
  const token = `${formatIdentity(ownIdentity())} ${randomBytes(4).toString('hex')}`;
  try {
    const file = await createFile(path);
    heldTokens.add(token);
    try {
      // On a full disk the lock stays empty and works: expired backups must be deletable there.
      await file.writeFile(token).catch(() => undefined);
      const since = { monotonic: performance.now(), wall: Date.now() };
      return { path, token, file, takenAt: (await file.stat()).mtime, since };
    } catch (error) {
      await abandon({ path, token, file });
      throw error;
    }
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const present = await identify(path, sightings);
  if (present?.stale) await removeStale(path, present.id, sightings);
  throw new LifeboatError(
    'store_unreachable',
    `${present?.holder ?? 'another process'} holds the lock ${path} for more than ${formatTook(ENGLISH, LONGEST_WAIT_MS)}`,
    'Wait until that process has ended, or end it, then run the command again.',
    { transient: true },
  );
}

/**
 * Several processes may see the same stale lock, and a slow one must not remove the lock that a
 * fast one has made since. Only the process that holds a lock named after the stale one may remove
 * it, and only while it is still the same file.
 */
async function removeStale(lock: string, id: string, sightings: Sightings): Promise<void> {
  const right = await takeLock(`${lock}.${id}`, sightings);
  try {
    if ((await identify(lock, sightings))?.id === id) await rm(lock, { force: true });
  } finally {
    await release(right);
  }
}

/** A process that slept for long may have lost its lock to another one, which keeps it. */
async function release(lock: OwnLock): Promise<void> {
  heldTokens.delete(lock.token);
  const isOwn = await isStillOwn(lock);
  // A network share may say only now that it is full.
  await lock.file.close().catch(() => undefined);
  if (isOwn) await rm(lock.path, { force: true });
}

/** Of a lock that could not be taken whole: another process waits until it is stale. */
async function abandon({ path, token, file }: Omit<OwnLock, 'takenAt' | 'since'>): Promise<void> {
  heldTokens.delete(token);
  await file.close().catch(() => undefined);
  await rm(path, { force: true }).catch(() => undefined);
}

/** By its content, or, where the disk was too full for any, by being the same file. */
async function isStillOwn({ path, token, file }: OwnLock): Promise<boolean> {
  const content = await readContent(path);
  if (content !== '') return content === token;
  const [own, there] = await Promise.all([
    file.stat({ bigint: true }),
    lstat(path, { bigint: true }),
  ]).catch(() => []);
  return own !== undefined && own.ino === there?.ino && own.dev === there.dev;
}

async function requireHeld(lock: OwnLock): Promise<void> {
  const { path, since } = lock;
  const ages = [performance.now() - since.monotonic, Date.now() - since.wall];
  if (ages.every((age) => age >= 0 && age < SURE_MS)) return;
  if (await isStillOwn(lock)) return;
  throw new LifeboatError(
    'store_unreachable',
    `this process was suspended, and another one took over its lock ${path}`,
    'Run the command again.',
    { transient: true },
  );
}

/**
 * Through the file that was opened, so that it touches no lock of another process; by the clock of
 * the store, so that the lock does not look old to others.
 */
async function beat({ file, takenAt, since }: OwnLock): Promise<void> {
  const time = new Date(takenAt.getTime() + performance.now() - since.monotonic);
  await file.utimes(time, time).catch(() => undefined);
}

/** An inode and a time can be used again, but not with the same random token. */
async function identify(lock: string, sightings: Sightings): Promise<LockState | undefined> {
  const file = await lstat(lock, { bigint: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  const content = await readContent(lock);
  if (!file || content === undefined) return undefined;
  const token = LOCK_CONTENT.exec(content)?.[2];
  const id = `${file.ino}-${file.mtimeNs}${token === undefined ? '' : `-${token}`}`;
  const sighting = sightings.get(lock);
  const now = performance.now();
  const since = sighting?.id === id ? sighting.since : now;
  sightings.set(lock, { id, since });
  const owner = holderIn(content);
  const state = owner ? stateOfHolder(owner, content) : 'unknown';
  const isUnchanged = now - since > STALE_MS;
  return {
    id,
    stale: state === 'ended' || (state === 'unknown' && isUnchanged),
    holder: owner && state === 'running' ? `process ${owner.pid}` : 'another process',
  };
}

function stateOfHolder(owner: ProcessIdentity, token: string): ReturnType<typeof processState> {
  if (heldTokens.has(token)) return 'running';
  const state = processState(owner);
  // This process has released it, but could not remove it.
  return state === 'running' && owner.pid === process.pid ? 'unknown' : state;
}

function holderIn(content: string): ProcessIdentity | undefined {
  return parseIdentity(LOCK_CONTENT.exec(content)?.[1] ?? '');
}

/** Undefined when there is no lock, or something else in its place. */
async function readContent(lock: string): Promise<string | undefined> {
  const bytes = await readSmallFile(lock, 100);
  return bytes instanceof Uint8Array ? bytes.toString('utf8') : undefined;
}
