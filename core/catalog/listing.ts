// Which backups exist: the manifests that the store lists, read and checked.

import { BACKUP_ID, decodeManifest, manifestKey, type Manifest } from '../format/manifest.ts';
import { mapConcurrent } from '../lib/async.ts';
import { collect } from '../lib/bytes.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Store, StoredObject } from '../store/store.ts';

/** The backups and objects of one database at one moment. */
export type Listing = {
  readonly manifests: readonly Manifest[];
  /** Manifests that exist but are damaged or forged; newest last. */
  readonly damaged: readonly { readonly id: string; readonly error: LifeboatError }[];
  readonly objects: ReadonlyMap<string, StoredObject>;
};

/**
 * Manifests by database, then by key and generation: a committed manifest never changes, so each is
 * read once.
 */
export type ManifestCache = Map<string, ReadonlyMap<string, Manifest>>;

type Entry = { readonly id: string; readonly version: string };

/** How many manifests are read at once: over a network each takes a round trip. */
const READERS = 16;

/** Reads the manifests of a store. `list` omits backups that have expired and are not held. */
export function createManifestReader(
  store: Store,
  keys: readonly Buffer[],
  now: () => Date,
  cache: ManifestCache,
) {
  /** `undefined` when absent. */
  const read = async (database: string, id: string): Promise<Manifest | undefined> => {
    try {
      const bytes = await collect(store.read(manifestKey(database, id)));
      return decodeManifest(bytes, database, id, keys);
    } catch (error) {
      if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
      throw error;
    }
  };

  const readListed = async (database: string, { id, version }: Entry) => {
    try {
      const manifest = cache.get(database)?.get(version) ?? (await read(database, id));
      // Absent now: it has expired since it was listed. If it still exists, an older backup must
      // not pass for the newest.
      if (!manifest && (await store.stat(manifestKey(database, id))))
        throw new LifeboatError(
          'store_unreachable',
          `the store lists the manifest of ${database}/${id} but does not return it`,
          'Run it again.',
        );
      return { id, version, manifest };
    } catch (cause) {
      const error = toLifeboatError(cause);
      if (error.code !== 'backup_damaged' && error.code !== 'backup_forged') throw error;
      return { id, version, error };
    }
  };

  const list = async (database: string): Promise<Listing> => {
    const objects = new Map<string, StoredObject>();
    for await (const object of store.list(`databases/${database}/`))
      objects.set(object.key, object);
    const entries = current(objects.values(), now());
    const results = await mapConcurrent(entries, READERS, (each) => readListed(database, each));
    const manifests: Manifest[] = [];
    const damaged: { id: string; error: LifeboatError }[] = [];
    const versions = new Map<string, Manifest>();
    for (const { id, version, manifest, error } of results) {
      if (error) damaged.push({ id, error });
      if (!manifest) continue;
      manifests.push(manifest);
      versions.set(version, manifest);
    }
    cache.set(database, versions);
    return { manifests, damaged, objects };
  };
  return { read, list };
}

/**
 * The backups without a missing or shortened object: only they can carry a child or keep a slot.
 */
export function wholeOf({ manifests, objects }: Listing): Manifest[] {
  return manifests.filter((each) =>
    each.objects.every(({ key, size }) => objects.get(key)?.size === size),
  );
}

/** The manifests that are held or have not expired. */
function current(objects: Iterable<StoredObject>, at: Date): Entry[] {
  return [...objects].flatMap(({ key, generation, held, expires }) => {
    const [, , id = '', name] = key.split('/');
    if (name !== 'manifest.json' || !BACKUP_ID.test(id)) return [];
    return held || !expires || expires > at ? [{ id, version: `${key}#${generation}` }] : [];
  });
}
