// The catalog: the backups of a store, and the order of writes that keeps each listed one
// restorable. A backup is its objects, its ancestors and its manifest. Objects are stored first,
// with a short expiry; then the ancestors' expiry is extended, then that of the objects, and the
// manifest is written last: it makes the backup visible. Holds are set from the base to the newest
// backup, and released in the opposite order (holds.ts). So a crash between two calls leaves only
// leftovers that expire. Imports store, format and lib, never an adapter.

import { encodeManifest, manifestKey, type Content, type Manifest } from '../format/manifest.ts';
import type { Keys } from '../format/keys.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import { chainOf } from './chain.ts';
import { dataExpiry, extendBackups, holdNewest, releaseAll } from './holds.ts';
import {
  createManifestReader,
  type Listing,
  type ListOptions,
  type ManifestCache,
} from './listing.ts';
import { contentProblem } from './objects.ts';
import { objectProblems } from './soundness.ts';
import { DAY_MS } from '../lib/text/time.ts';

export type Catalog = ReturnType<typeof createCatalog>;

/** A further store, which follows the first one. */
export type Copy = { readonly store: Store; readonly catalog: Catalog };

/**
 * The backups in a store. `known` are manifests that another catalog of the same store has read.
 */
export function createCatalog(
  store: Store,
  { key, olderKeys }: Pick<Keys, 'key' | 'olderKeys'>,
  now: () => Date,
  known: ManifestCache = new Map(),
) {
  const keys = [...(key ? [key] : []), ...olderKeys];
  const { read, list } = createManifestReader(store, keys, now, known);

  const extendChain = (listing: Listing, chain: readonly Manifest[], expires: Date) =>
    extendListed(store, listing, chain, expires);

  const commit = (listing: Listing, manifest: Content) =>
    commitManifest(store, listing, manifest, key);

  const daysFromNow = (days: number): Date => new Date(now().getTime() + days * DAY_MS);

  /**
   * Brings the holds up to date (`holdNewest`); released backups stay for `dailyDays` at least.
   * Lists the catalog once and returns that listing with the new holds.
   */
  const reconcileHolds = async (
    database: string,
    dailyDays: number,
    options?: ListOptions,
  ): Promise<Listing> => holdListed(await list(database, options), dailyDays);

  /** Like `reconcileHolds`, for a listing that was just made. */
  const holdListed = (listing: Listing, dailyDays: number): Promise<Listing> =>
    holdNewest(store, listing, daysFromNow(dailyDays));

  /**
   * Releases every hold of a database; its backups are kept for another `dailyDays` at least.
   * Returns how many backups were held. Backups with unreadable manifests stay held.
   */
  const retire = async (database: string, dailyDays: number): Promise<number> =>
    releaseAll(store, await list(database), daysFromNow(dailyDays));

  return {
    read,
    list,
    extendChain,
    commit,
    reconcileHolds,
    holdListed,
    retire,
    chain: completeChain,
    known,
  };
}

/**
 * The chain of a backup, from its base. Throws `backup_damaged` when an ancestor is missing or
 * damaged.
 */
function completeChain(listing: Listing, backup: Manifest): Manifest[] {
  const complete = chainOf(listing.manifests, backup);
  if (complete) return complete;
  throw new LifeboatError(
    'backup_damaged',
    `a backup on which ${backup.id} of ${backup.database} is based is missing or damaged`,
    `Restore a full backup with --at: \`lifeboat list ${backup.database}\` shows which ones are full.`,
  );
}

/**
 * Extends ancestors to the expiry of a child that is about to be committed, as far as the listing
 * does not show that they live that long. Throws `not_found` when one no longer exists.
 */
function extendListed(
  store: Store,
  { objects }: Listing,
  chain: readonly Manifest[],
  expires: Date,
): Promise<void> {
  // Expiries only move later, so one that was late enough when listed still is.
  const extend = async (name: string, later: Date): Promise<void> => {
    const earlier = objects.get(name)?.expires;
    if (!earlier || earlier < later) await store.extend(name, later);
  };
  return extendBackups(extend, chain, expires);
}

/**
 * Extends the backup's objects and writes its manifest. False when the id already exists. Throws
 * `store_unreachable` when the listing, which must be younger than the objects, does not have them,
 * or when one whose CRC32C it lacks is not what was stored.
 */
async function commitManifest(
  store: Store,
  listing: Listing,
  manifest: Content,
  key: Buffer | undefined,
): Promise<boolean> {
  const name = manifestKey(manifest.database, manifest.id);
  // The objects of a slower process with the same id keep the short expiry of leftovers.
  if (listing.objects.has(name)) return false;
  const problem =
    objectProblems(listing.objects, manifest)[0] ??
    (await unlistedProblem(store, listing, manifest));
  if (problem !== undefined) throw unconfirmed(problem);
  const bytes = encodeManifest(manifest, key);
  const expires = new Date(manifest.expires);
  for (const object of manifest.objects) await store.extend(object.key, dataExpiry(expires));
  return (await store.create(name, bytes, { expires })) !== undefined;
}

/**
 * Reads the new objects whose CRC32C the store does not list: in a folder on a file system that
 * changes the time of a file after it was written.
 */
async function unlistedProblem(
  store: Store,
  { objects }: Listing,
  manifest: Content,
): Promise<string | undefined> {
  for (const object of manifest.objects) {
    if (objects.get(object.key)?.crc32c !== undefined) continue;
    const problem = await contentProblem(store, object);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function unconfirmed(problem: string): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `the store does not confirm what Lifeboat wrote: ${problem}`,
    'Run the backup again. If this happens again, check the disk or the bucket.',
  );
}
