import { randomBytes } from 'node:crypto';
import { lstat, rm, utimes } from 'node:fs/promises';
import { retry } from '../../lib/async.ts';
import { isTransient, LifeboatError, systemCode } from '../../lib/errors.ts';
import { ENGLISH, formatTook } from '../../lib/format.ts';
import {
  formatIdentity,
  ownIdentity,
  parseIdentity,
  processState,
  type ProcessIdentity,
} from '../../lib/process-identity.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/time.ts';
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
const LONGEST_WAIT_MS = MINUTE_MS;

/** The locks of this process: one that it could not remove does not block it for ever. */
const heldTokens = new Set<string>();

type LockState = { readonly id: string; readonly stale: boolean; readonly holder: string };
/** For each lock that a waiting process has met: what it was, and since when it is the same. */
type Sightings = Map<string, { readonly id: string; readonly since: number }>;

/**
 * Runs `work` while no other process changes the object. Throws `store_unreachable` when the lock
 * stays taken for a minute.
 *
 * A lock is stale when the process that it names has ended. A process of another machine or
 * container cannot be looked up; its lock is stale when its time did not change for ten seconds, by
 * the clock of the one who waits: the clocks of two machines, and of a network share, may differ.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}${LOCK}`;
  const sightings: Sightings = new Map();
  const end = performance.now() + LONGEST_WAIT_MS;
  const token = await retry(() => takeLock(lock, sightings), {
    pauseMs: (error) =>
      isTransient(error) && performance.now() < end ? 5 + Math.random() * 20 : undefined,
  });
  const heartbeat = setInterval(() => void beat(lock), HEARTBEAT_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await release(lock, token);
  }
}

/** The name of the object that a lock file is for; undefined for any other file. */
export function lockedName(name: string): string | undefined {
  const lock = name.replace(IDENTITIES, '');
  return lock.endsWith(LOCK) ? lock.slice(0, -LOCK.length) : undefined;
}

/** Whether a lock file has content that Lifeboat writes. */
export async function isOwnLock(path: string): Promise<boolean> {
  const content = await readContent(path);
  return content !== undefined && (content === '' || holderIn(content) !== undefined);
}

/** Makes the lock file, or fails with a transient error; then a stale one is gone. */
async function takeLock(lock: string, sightings: Sightings): Promise<string> {
  const token = `${formatIdentity(ownIdentity())} ${randomBytes(4).toString('hex')}`;
  try {
    await using file = await createFile(lock);
    heldTokens.add(token);
    // On a full disk the lock stays empty and works: expired backups must be deletable there.
    await file.writeFile(token).catch(() => undefined);
    return token;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const present = await identify(lock, sightings);
  if (present?.stale) await removeStale(lock, present.id, sightings);
  throw new LifeboatError(
    'store_unreachable',
    `${present?.holder ?? 'another process'} holds the lock ${lock} for more than ${formatTook(ENGLISH, LONGEST_WAIT_MS)}`,
    'Wait until that process has ended, or end it, then run it again.',
    { transient: true },
  );
}

/**
 * Several processes may see the same stale lock, and a slow one must not remove the lock that a
 * fast one has made since. Only the process that holds a lock named after the stale one may remove
 * it, and only while it is still the same file.
 */
async function removeStale(lock: string, id: string, sightings: Sightings): Promise<void> {
  const right = `${lock}.${id}`;
  const token = await takeLock(right, sightings);
  try {
    if ((await identify(lock, sightings))?.id === id) await rm(lock, { force: true });
  } finally {
    await release(right, token);
  }
}

/** A process that slept for long may have lost its lock to another one, which keeps it. */
async function release(lock: string, token: string): Promise<void> {
  heldTokens.delete(token);
  const content = await readContent(lock);
  if (content === '' || content === token) await rm(lock, { force: true });
}

async function beat(lock: string): Promise<void> {
  const now = new Date();
  await utimes(lock, now, now).catch(() => undefined);
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
  const state = processState(owner);
  const isReleased = owner.pid === process.pid && !heldTokens.has(token);
  return state === 'running' && isReleased ? 'unknown' : state;
}

function holderIn(content: string): ProcessIdentity | undefined {
  return parseIdentity(LOCK_CONTENT.exec(content)?.[1] ?? '');
}

/** Undefined when there is no lock, or something else in its place. */
async function readContent(lock: string): Promise<string | undefined> {
  const bytes = await readSmallFile(lock, 100);
  return bytes instanceof Uint8Array ? bytes.toString('utf8') : undefined;
}
