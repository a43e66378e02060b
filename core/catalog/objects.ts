import { createHash } from 'node:crypto';
import { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { ManifestObject } from '../format/manifest.ts';

export type NewObject = Pick<ManifestObject, 'role' | 'key'> & { readonly expires: Date };
type Sums = { size: number; sha256: string };

const DAMAGED_OBJECT_HINT =
  'Restore another backup with --at, and run `lifeboat verify` to see what else is damaged.';

/**
 * Stores a new object and has the store confirm size and CRC32C; only what comes back from here may
 * be named by a manifest, and only once a listing, or reading it, confirms it too.
 */
export async function putObject(
  store: Store,
  { role, key, expires }: NewObject,
  input: AsyncIterable<Uint8Array>,
): Promise<ManifestObject> {
  const { body, sums } = summing(input);
  const created = await store.create(key, body, { expires });
  if (!created)
    throw new LifeboatError(
      'internal',
      `the object ${key} exists already`,
      'Run the backup again. It will choose another name.',
    );
  const { size, sha256 } = sums();
  // The store's own sum of what it was given: every store makes one, and a bucket compares it with
  // what arrived. The commit compares it with what the store lists.
  const { crc32c } = created;
  if (crc32c === undefined || created.size !== size)
    throw new LifeboatError(
      'store_unreachable',
      `the store does not confirm size and checksum of ${key}`,
      'Run the backup again. If this happens again, check the disk or the bucket.',
    );
  return {
    role,
    key,
    size,
    crc32c,
    sha256,
    ...(created.md5 === undefined ? {} : { md5: created.md5 }),
  };
}

/**
 * Reads an object that a manifest names; throws `backup_damaged` at the end when it is not what was
 * stored, or when it is absent.
 */
export async function* getObject(store: Store, object: ManifestObject): AsyncGenerator<Uint8Array> {
  const sha = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of store.read(object.key)) {
      sha.update(chunk);
      size += chunk.length;
      // What is longer is damaged, and may be endless.
      if (size > object.size) break;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found')
      throw new LifeboatError(
        'backup_damaged',
        `the object ${object.key} is missing`,
        DAMAGED_OBJECT_HINT,
        {
          cause: error,
        },
      );
    throw error;
  }
  const name = `the object ${object.key}`;
  if (size > object.size) throw damagedObject(`${name} is longer than its ${object.size} bytes`);
  if (size < object.size)
    throw damagedObject(`${name} has ${size} bytes instead of ${object.size}`);
  if (sha.digest('hex') !== object.sha256)
    throw damagedObject(`${name} has a different SHA-256 than the manifest says`);
}

/** What differs between an object as the store returns it and as it was stored; undefined: nothing. */
export async function contentProblem(
  store: Store,
  object: ManifestObject,
): Promise<string | undefined> {
  try {
    for await (const _ of getObject(store, object)) continue;
    return undefined;
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'backup_damaged') return error.message;
    throw error;
  }
}

function damagedObject(message: string): LifeboatError {
  return new LifeboatError('backup_damaged', message, DAMAGED_OBJECT_HINT);
}

/** Passes bytes through; `sums` is right once the iteration has ended. */
function summing(input: AsyncIterable<Uint8Array>): {
  body: AsyncIterable<Uint8Array>;
  sums: () => Sums;
} {
  const sha = createHash('sha256');
  let size = 0;
  const body = async function* () {
    for await (const chunk of input) {
      sha.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  return { body: body(), sums: () => ({ size, sha256: sha.digest('hex') }) };
}
