// Holds and expiries, in an order that survives a crash between any two calls: extending and
// holding goes from the base to the newest backup, and to a manifest after its objects; releasing
// goes the other way. So a listed backup has everything it needs at every moment.

import { LifeboatError } from '../lib/errors.ts';
import { chainOf } from './chain.ts';
import type { Store, StoredObject } from '../store/store.ts';
import { manifestKey, type Manifest } from '../format/manifest.ts';
import type { Listing } from './listing.ts';
import { holdsOf } from './soundness.ts';
import { DAY_MS } from '../lib/text/time.ts';

type Extend = (key: string, expires: Date) => Promise<void>;
type HoldPort = Pick<Store, 'hold' | 'extend' | 'stat'>;

/**
 * Holds the newest two sound backups with their chains, then releases the superseded and the
 * damaged ones, which stay until `expires` at least. Returns the listing with the new holds.
 */
export async function holdNewest(store: Store, before: Listing, expires: Date): Promise<Listing> {
  const { listing, port } = recordedChanges(store, before);
  const { held, untouched } = holdsOf(listing);
  const newest = listing.manifests.filter(({ id }) => held.has(id));
  const superseded = listing.manifests.filter(({ id }) => !held.has(id) && !untouched.has(id));
  await setHolds(port, listing, newest);
  await releaseHolds(port, listing, superseded, expires);
  return listing;
}

/** Releases every hold; the backups stay until `expires` at least. Returns how many were held. */
export async function releaseAll(store: Store, listing: Listing, expires: Date): Promise<number> {
  await releaseHolds(store, listing, listing.manifests, expires);
  return listing.manifests.filter(
    ({ database, id }) => listing.objects.get(manifestKey(database, id))?.held === true,
  ).length;
}

/** Data expires three days after its manifest, so a listed backup never lacks it. */
export function dataExpiry(expires: Date): Date {
  return new Date(expires.getTime() + 3 * DAY_MS);
}

/** Extends backups in the given order; ancestors come first. */
export async function extendBackups(
  extend: Extend,
  backups: readonly Manifest[],
  expires: Date,
): Promise<void> {
  for (const { database, id, objects } of backups) {
    for (const object of objects) await extend(object.key, dataExpiry(expires));
    await extend(manifestKey(database, id), expires);
  }
}

/**
 * A listing that shows every hold and expiry that is set through `port`, so that the store need not
 * be listed again.
 */
function recordedChanges(store: Store, before: Listing): { listing: Listing; port: HoldPort } {
  const objects = new Map(before.objects);
  const change = (key: string, changes: Partial<StoredObject>): void => {
    const object = objects.get(key);
    if (object) objects.set(key, { ...object, ...changes });
  };
  return {
    listing: { ...before, objects },
    port: {
      stat: (key) => store.stat(key),
      hold: async (key, held) => {
        try {
          await store.hold(key, held);
        } catch (error) {
          if (isObjectAbsent(error)) objects.delete(key);
          throw error;
        }
        change(key, { held });
      },
      extend: async (key, expires) => {
        await store.extend(key, expires);
        const earlier = objects.get(key)?.expires;
        if (earlier && earlier < expires) change(key, { expires });
      },
    },
  };
}

async function setHolds(
  store: HoldPort,
  { objects }: Listing,
  backups: readonly Manifest[],
): Promise<void> {
  for (const backup of basesFirst(backups))
    for (const key of [...objectKeys(backup), manifestKey(backup.database, backup.id)])
      if (objects.get(key)?.held === false) await unlessAbsent(store.hold(key, true));
}

/**
 * Releases the holds of these backups, after extending them and their ancestors to `expires` at
 * least.
 */
async function releaseHolds(
  store: HoldPort,
  listing: Listing,
  backups: readonly Manifest[],
  expires: Date,
): Promise<void> {
  const { manifests, objects } = listing;
  const isHeld = (key: string): boolean => objects.get(key)?.held === true;
  const keysOf = (backup: Manifest): string[] => [
    manifestKey(backup.database, backup.id),
    ...objectKeys(backup),
  ];
  // Expiries only move later, so one that was late enough when listed still is.
  const extend: Extend = async (key, later) => {
    const earlier = objects.get(key)?.expires;
    if (earlier && earlier < later) await unlessAbsent(store.extend(key, later));
  };
  const releasing = backups.filter((backup) => keysOf(backup).some(isHeld));
  const needed = new Set(releasing.flatMap((backup) => chainOf(manifests, backup) ?? [backup]));
  await extendBackups(extend, basesFirst(needed), expires);
  for (const key of basesFirst(releasing).reverse().flatMap(keysOf).filter(isHeld))
    await unlessAbsent(store.hold(key, false));
  for (const [manifest, keys] of orphans(listing)) {
    const current = await store.stat(manifest);
    if (current && !isExpiredStill(objects.get(manifest), current)) continue;
    for (const key of keys) {
      await extend(key, expires);
      await unlessAbsent(store.hold(key, false));
    }
  }
}

/**
 * Whether an unlisted manifest is as the listing saw it: expired, and not deleted yet. Otherwise it
 * has been written, held or extended since.
 */
function isExpiredStill(listed: StoredObject | undefined, current: StoredObject): boolean {
  return (
    listed !== undefined &&
    !current.held &&
    current.expires?.getTime() === listed.expires?.getTime()
  );
}

function basesFirst(backups: Iterable<Manifest>): Manifest[] {
  return [...backups].sort((a, b) => a.depth - b.depth);
}

function objectKeys({ objects }: Manifest): string[] {
  return objects.map(({ key }) => key);
}

/** An object that no longer exists needs neither a hold nor an expiry. */
async function unlessAbsent(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isObjectAbsent(error)) throw error;
  }
}

function isObjectAbsent(error: unknown): boolean {
  return error instanceof LifeboatError && error.code === 'not_found';
}

/**
 * Held objects of unlisted backups, by the key of their manifest: a process crashed between
 * releasing a manifest and its objects.
 */
function orphans({ manifests, damaged, objects }: Listing): Map<string, string[]> {
  const ids = new Set([...manifests, ...damaged].map(({ id }) => id));
  const keys = new Map<string, string[]>();
  for (const { key, held } of objects.values()) {
    const [, database = '', id = ''] = key.split('/');
    if (!held || ids.has(id)) continue;
    const manifest = manifestKey(database, id);
    keys.set(manifest, [...(keys.get(manifest) ?? []), key]);
  }
  return keys;
}
