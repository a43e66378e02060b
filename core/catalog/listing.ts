// Which backups exist: the manifests that the store lists, read and checked.

import {
  BACKUP_ID,
  decodeManifest,
  manifestKey,
  MAX_MANIFEST_BYTES,
  type Manifest,
} from '../format/manifest.ts';
import { mapConcurrent } from '../lib/async.ts';
import { collectAtMost } from '../lib/bytes/bytes.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';
import type { Store, StoredObject } from '../store/store.ts';
import { readDamage, type DamageRecords } from './damage.ts';
import {
  EMPTY_BUNDLE,
  LEAST_BUNDLED,
  readManifestBundle,
  type ManifestBundle,
} from './manifest-bundle.ts';

/** The backups and objects of one database at one moment. */
export type Listing = {
  readonly manifests: readonly Manifest[];
  /** Manifests that exist but are damaged or forged; newest last. */
  readonly damaged: readonly { readonly id: string; readonly error: LifeboatError }[];
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** What was found damaged, by id. */
  readonly damage: DamageRecords;
  /** When it was listed: by the clock of the store where that is ahead of this machine's. */
  readonly at: Date;
};

/**
 * Manifests by database, then by key and generation: a committed manifest never changes, so each is
 * read once.
 */
export type ManifestCache = Map<string, ReadonlyMap<string, Manifest>>;

export type ListOptions = {
  /** Reads every manifest that this process has not read, and no copies of them. */
  readonly withoutBundle?: boolean | undefined;
};

type Entry = {
  readonly id: string;
  readonly version: string;
  readonly size: number;
  readonly md5: string | undefined;
};

/** How many manifests are read at once: over a network each takes a round trip. */
const READERS = 16;

type CatalogReader = {
  readonly store: Store;
  readonly keys: readonly Buffer[];
  readonly now: () => Date;
  readonly cache: ManifestCache;
};

/** Reads the manifests of a store. `list` omits backups that have expired and are not held. */
export function createManifestReader(
  store: Store,
  keys: readonly Buffer[],
  now: () => Date,
  cache: ManifestCache,
) {
  const reader = { store, keys, now, cache };
  return {
    /** `undefined` when absent. */
    read: (database: string, id: string): Promise<Manifest | undefined> =>
      readManifest(reader, database, id),
    list: (database: string, options: ListOptions = {}): Promise<Listing> =>
      listCatalog(reader, database, options),
  };
}

async function listCatalog(
  reader: CatalogReader,
  database: string,
  { withoutBundle = false }: ListOptions,
): Promise<Listing> {
  const { store, now, cache } = reader;
  const objects = new Map<string, StoredObject>();
  for await (const object of store.list(`databases/${database}/`)) objects.set(object.key, object);
  const damage = await readDamage(store, database);
  const entries = currentEntries(objects.values(), now());
  const bundle = withoutBundle ? EMPTY_BUNDLE : await bundleFor(reader, database, entries);
  const results = await mapConcurrent(entries, READERS, (each) =>
    readListed(reader, database, each, bundle),
  );
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
  return { manifests, damaged, objects, damage, at: latestTime(objects.values(), now()) };
}

/** The copies of manifests that this process has not read yet, where they save requests. */
async function bundleFor(
  { store, cache }: CatalogReader,
  database: string,
  entries: readonly Entry[],
): Promise<ManifestBundle> {
  const versions = cache.get(database);
  const unread = entries.filter(
    ({ version, md5 }) => md5 !== undefined && versions?.has(version) !== true,
  );
  return unread.length < LEAST_BUNDLED ? EMPTY_BUNDLE : readManifestBundle(store, database);
}

async function readListed(
  reader: CatalogReader,
  database: string,
  entry: Entry,
  bundle: ManifestBundle,
): Promise<{ id: string; version: string; manifest?: Manifest; error?: LifeboatError }> {
  const { id, version, size } = entry;
  try {
    // A planted one must not fill the memory before its HMAC is checked.
    if (size > MAX_MANIFEST_BYTES) throw tooLarge(database, id);
    const manifest =
      reader.cache.get(database)?.get(version) ??
      copyIn(bundle, database, entry, reader.keys) ??
      (await readManifest(reader, database, id));
    if (manifest) return { id, version, manifest };
    // Absent now: it has expired since it was listed. If it still exists, an older backup must
    // not pass for the newest.
    if (await reader.store.stat(manifestKey(database, id)))
      throw new LifeboatError(
        'store_unreachable',
        `the store lists the manifest of ${database}/${id} but does not return it`,
        'Run the command again.',
      );
    return { id, version };
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (error.code !== 'backup_damaged' && error.code !== 'backup_forged') throw error;
    return { id, version, error };
  }
}

/** The manifest as a copy of exactly its bytes has it; undefined when it must be read itself. */
function copyIn(
  bundle: ManifestBundle,
  database: string,
  { id, size, md5 }: Entry,
  keys: readonly Buffer[],
): Manifest | undefined {
  const bytes = md5 === undefined ? undefined : bundle.get(md5);
  if (bytes?.length !== size) return undefined;
  try {
    return decodeManifest(bytes, database, id, keys);
  } catch {
    return undefined;
  }
}

async function readManifest(
  { store, keys }: CatalogReader,
  database: string,
  id: string,
): Promise<Manifest | undefined> {
  try {
    const bytes = await collectAtMost(store.read(manifestKey(database, id)), MAX_MANIFEST_BYTES);
    if (!bytes) throw tooLarge(database, id);
    return decodeManifest(bytes, database, id, keys);
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The manifests that are held or have not expired. */
function currentEntries(objects: Iterable<StoredObject>, at: Date): Entry[] {
  return [...objects].flatMap(({ key, generation, size, md5, held, expires }) => {
    const [, , id = '', name] = key.split('/');
    if (name !== 'manifest.json' || !BACKUP_ID.test(id)) return [];
    const isCurrent = held || !expires || expires > at;
    return isCurrent ? [{ id, version: `${key}#${generation}`, size, md5 }] : [];
  });
}

/** Now, or when the store wrote an object if that is later: then this machine's clock is behind. */
function latestTime(objects: Iterable<StoredObject>, now: Date): Date {
  let latest = now;
  for (const { written } of objects) if (written && written > latest) latest = written;
  return latest;
}

function tooLarge(database: string, id: string): LifeboatError {
  return new LifeboatError(
    'backup_damaged',
    `the manifest of ${database}/${id} is larger than ${formatSize(ENGLISH, MAX_MANIFEST_BYTES)}`,
    'Lifeboat never writes a manifest of that size. Find out who wrote it.',
  );
}
