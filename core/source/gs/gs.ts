import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCalls, type Calls, type Tuning } from '../../google/storage/calls.ts';
import type { StorageClients } from '../../google/storage/client.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { refuseOver } from '../../lib/bytes/size-limit.ts';
import { takeSnapshot } from '../../sqlite/snapshot/snapshot.ts';
import { refuseHeaderFault } from '../file-header.ts';
import type { Pulled, PullOptions, Source } from '../source.ts';
import { gsSourceFailure } from './failures.ts';
import { fetchObject } from './fetch.ts';
import { findObjects, SUFFIXES, totalSize, versionOf, type DatabaseObjects } from './objects.ts';

export type GsOptions = {
  readonly bucket: string;
  readonly object: string;
  /** Called with the first request: Google's client takes time to load. */
  readonly clients: () => Promise<StorageClients>;
  readonly tuning?: Partial<Tuning> | undefined;
  readonly now: () => Date;
};

const ROUNDS = 5;

/** A database file in a bucket, with the `-wal` or `-journal` that was uploaded beside it. */
export function createGsSource(options: GsOptions): Source {
  const { bucket, object, now } = options;
  const url = `gs://${bucket}/${object}`;
  let client: Promise<StorageClients> | undefined;
  const clients = () => (client ??= options.clients());
  const callsUntil = (signal: AbortSignal | undefined) =>
    createCalls({ bucket, clients, tuning: options.tuning ?? {}, signal });
  return {
    url,
    measure: async (signal) => {
      try {
        return spaceFor(await findObjects(callsUntil(signal), object));
      } catch (error) {
        throw gsSourceFailure(error, url);
      }
    },
    pull: async (pull) => {
      const calls = callsUntil(pull.signal);
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          const takenAt = now();
          const objects = await findObjects(calls, object);
          const version = versionOf(objects);
          if (!objects.has('')) throw absentObject(url);
          if (version === pull.known) return 'unchanged';
          const snapshot = await pullObjects(calls, object, objects, { ...pull, url });
          if (snapshot) return { ...snapshot, takenAt, version };
        }
      } catch (error) {
        throw gsSourceFailure(error, url);
      }
      throw new LifeboatError(
        'source_busy',
        `${url} was replaced during each of ${ROUNDS} attempts`,
        'Upload the database less often, or schedule the backup for a time without uploads.',
      );
    },
  };
}

/** Bytes in the temporary folder; `undefined` when there is no database. */
function spaceFor(objects: DatabaseObjects): number | undefined {
  if (!objects.has('')) return undefined;
  // With a sibling: what was pulled, the copy that the engine recovers, and the snapshot, which may
  // grow by what the -wal holds.
  return objects.size === 1 ? totalSize(objects) : 3 * totalSize(objects);
}

/** `undefined` when the objects changed meanwhile. */
async function pullObjects(
  calls: Calls,
  object: string,
  objects: DatabaseObjects,
  options: PullOptions & { readonly url: string },
): Promise<Omit<Pulled, 'takenAt' | 'version'> | undefined> {
  const { url, ...pull } = options;
  const copy = join(pull.directory, 'pulled.sqlite3');
  let keepsCopy = false;
  refuseOver(pull.limit, totalSize(objects));
  try {
    if (!(await fetchObjects(calls, object, objects, { ...pull, copy }))) return undefined;
    if (versionOf(await findObjects(calls, object)) !== versionOf(objects)) return undefined;
    if (objects.size === 1) {
      const { size } = objects.get('') ?? { size: 0 };
      await refuseHeaderFault(copy, size, url);
      keepsCopy = true;
      return { path: copy, size, method: 'pulled', holds: () => true };
    }
    // The engine finishes what the siblings hold: a -wal is applied, a hot -journal rolled back.
    const { known: _, inPlace: __, onProgress: ___, ...plain } = pull;
    const { path, size, holds } = await takeSnapshot(copy, plain).catch((error: unknown) => {
      throw aboutObject(error, copy, url);
    });
    return { path, size, method: 'recovered', holds };
  } finally {
    if (!keepsCopy)
      for (const suffix of [...SUFFIXES, '-shm']) await rm(`${copy}${suffix}`, { force: true });
  }
}

/** With the address of the object instead of the path of its copy, which nobody knows. */
function aboutObject(error: unknown, copy: string, url: string): unknown {
  if (!(error instanceof LifeboatError) || !error.message.includes(copy)) return error;
  const { code, message, hint, facts, transient } = error;
  const text = message.replaceAll(copy, url);
  return new LifeboatError(code, text, hint, { cause: error, facts, transient });
}

/** False when a generation is gone, because the object was replaced. */
async function fetchObjects(
  calls: Calls,
  object: string,
  objects: DatabaseObjects,
  { copy, onProgress }: Pick<PullOptions, 'onProgress'> & { readonly copy: string },
): Promise<boolean> {
  const total = totalSize(objects);
  let before = 0;
  for (const [suffix, content] of objects) {
    const start = before;
    try {
      await fetchObject({
        calls,
        name: `${object}${suffix}`,
        content,
        target: `${copy}${suffix}`,
        onProgress: (done) => onProgress?.(start + done, total),
      });
    } catch (error) {
      if (error instanceof LifeboatError && error.code === 'not_found') return false;
      throw error;
    }
    before += content.size;
  }
  return true;
}

function absentObject(url: string): LifeboatError {
  return new LifeboatError(
    'source_unreachable',
    `there is no object ${url}`,
    'Check the name. If it is right, grant the identity that runs Lifeboat the right to read the object.',
  );
}
