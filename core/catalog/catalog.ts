import { wholeOf, type Listing } from './listing.ts';
import { collect } from '../lib/bytes.ts';
import { mapConcurrent } from '../lib/async.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { chainOf } from './chain.ts';
import { heldIds } from './retention.ts';
import type { Store, StoredObject } from '../store/store.ts';
import { dataExpiry, extendBackups, releaseHolds, setHolds } from './holds.ts';
import type { Keys } from '../format/keys.ts';
import {
  BACKUP_ID,
  decodeManifest,
  encodeManifest,
  manifestKey,
  type Content,
  type Manifest,
} from '../format/manifest.ts';

const DAY = 86_400_000;
/** How many manifests are read at once: over a network each takes a round trip. */
const READERS = 16;

export type Catalog = ReturnType<typeof createCatalog>;

/** A further store, which follows the first one. */
export type Copy = { readonly store: Store; readonly catalog: Catalog };

/** The manifests of a database over a store. Owns the order in which a backup becomes visible (docs/format.md). */
export function createCatalog(
  store: Store,
  { key, olderKeys }: Pick<Keys, 'key' | 'olderKeys'>,
  now: () => Date,
  // A committed manifest never changes, so what was read of a generation is not read again. Per database, and as long as it is listed.
  known = new Map<string, ReadonlyMap<string, Manifest>>(),
) {
  const keys = [...(key ? [key] : []), ...olderKeys];
  const read = async (database: string, id: string): Promise<Manifest | undefined> => {
    try {
      return decodeManifest(
        await collect(store.read(manifestKey(database, id))),
        database,
        id,
        keys,
      );
    } catch (error) {
      if (error instanceof LifeboatError && error.code === 'not_found') return undefined;
      throw error;
    }
  };

  /** Everything that has not expired; what is held does not. */
  const list = async (database: string): Promise<Listing> => {
    const objects = new Map<string, StoredObject>();
    for await (const object of store.list(`databases/${database}/`))
      objects.set(object.key, object);
    const at = now();
    const before = known.get(database);
    const after = new Map<string, Manifest>();
    const wanted = [...objects.values()].flatMap((object) => {
      const [, , id = '', name] = object.key.split('/');
      if (name !== 'manifest.json' || !BACKUP_ID.test(id)) return [];
      return object.held || !object.expires || object.expires > at
        ? [{ id, version: `${object.key}#${object.generation}` }]
        : [];
    });
    const manifests: Manifest[] = [];
    const damaged: { id: string; error: LifeboatError }[] = [];
    const found = await mapConcurrent(wanted, READERS, async ({ id, version }) => {
      try {
        const manifest = before?.get(version) ?? (await read(database, id));
        // Deleted since it was listed: it has expired. Still there: without it an older backup would be taken for the newest.
        if (!manifest && (await store.stat(manifestKey(database, id))))
          throw new LifeboatError(
            'store_unreachable',
            `the store lists the manifest of ${database}/${id} and does not give it`,
            'Run it again.',
          );
        if (manifest) after.set(version, manifest);
        return { id, manifest };
      } catch (error) {
        const fault = toLifeboatError(error);
        if (fault.code !== 'backup_damaged' && fault.code !== 'backup_forged') throw fault;
        return { id, error: fault };
      }
    });
    for (const each of found) {
      if (each.error) damaged.push({ id: each.id, error: each.error });
      else if (each.manifest) manifests.push(each.manifest);
    }
    known.set(database, after);
    return { manifests, damaged, objects };
  };

  /** Makes the ancestors live at least as long as a child that is about to be committed. Throws `not_found` when one is gone meanwhile. */
  const extendChain = (chain: readonly Manifest[], expires: Date): Promise<void> =>
    extendBackups(store.extend, chain, expires);

  /** The commit. False when this id exists already. */
  const commit = async (manifest: Content): Promise<boolean> => {
    const name = manifestKey(manifest.database, manifest.id);
    // Objects of somebody who was slower keep the short expiry of leftovers.
    if (await store.stat(name)) return false;
    const expires = new Date(manifest.expires);
    for (const object of manifest.objects) await store.extend(object.key, dataExpiry(expires));
    return (await store.create(name, encodeManifest(manifest, key), { expires })) !== undefined;
  };

  const until = (days: number): Date => new Date(now().getTime() + days * DAY);

  /** Holds the newest two verified backups with their chains; then releases what this very listing shows as superseded, for `dailyDays` at least. */
  const reconcileHolds = async (database: string, dailyDays: number): Promise<void> => {
    const listing = await list(database);
    const { manifests } = listing;
    // Those that lack an object count for nothing, but are not let go for that.
    const held = new Set([...heldIds(manifests), ...heldIds(wholeOf(listing))]);
    const wanted = manifests.filter(({ id }) => held.has(id));
    await setHolds(store, listing, wanted);
    await releaseHolds(
      store,
      listing,
      manifests.filter(({ id }) => !held.has(id)),
      until(dailyDays),
    );
  };

  /** Releases every hold of a database, for `dailyDays` at least; how many backups were held. What cannot be read stays held. */
  const retire = async (database: string, dailyDays: number): Promise<number> => {
    const listing = await list(database);
    await releaseHolds(store, listing, listing.manifests, until(dailyDays));
    return listing.manifests.filter(
      ({ id }) => listing.objects.get(manifestKey(database, id))?.held === true,
    ).length;
  };

  /** The chain of a backup, from its base. Throws `backup_damaged` when an ancestor is missing or damaged. */
  const chain = (listing: Listing, backup: Manifest): Manifest[] => {
    const found = chainOf(listing.manifests, backup);
    if (found) return found;
    throw new LifeboatError(
      'backup_damaged',
      `an ancestor of ${backup.database}/${backup.id} is missing or damaged`,
      'Restore a full backup with --at; `lifeboat list` shows the kinds.',
    );
  };

  return { read, list, extendChain, commit, reconcileHolds, retire, chain, known };
}
