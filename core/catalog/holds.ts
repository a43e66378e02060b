import { LifeboatError } from '../lib/errors.ts';
import { chainOf } from './chain.ts';
import type { Store } from '../store/store.ts';
import { manifestKey, type Manifest } from '../format/manifest.ts';
import type { Listing } from './listing.ts';

// A process may die between any two of these calls, and never come back. So what makes others live is set from the base to the newest, a manifest
// after what it names; what lets go runs the other way: then whatever is listed has all that it needs, at every moment.

const DAY = 86_400_000;

type Extend = (key: string, expires: Date) => Promise<void>;

/** Data never goes before its manifest. */
export function dataExpiry(expires: Date): Date {
  return new Date(expires.getTime() + 3 * DAY);
}

/** Extends backups in the given order, which has ancestors first. */
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

export async function setHolds(
  store: Store,
  { objects }: Listing,
  backups: readonly Manifest[],
): Promise<void> {
  for (const backup of upwards(backups))
    for (const key of [...objectKeys(backup), manifestKey(backup.database, backup.id)])
      if (objects.get(key)?.held === false) await ifThere(store.hold(key, true));
}

/** Releases the holds of these backups, which then live until `until` at least, with all that they need. */
export async function releaseHolds(
  store: Store,
  listing: Listing,
  backups: readonly Manifest[],
  until: Date,
): Promise<void> {
  const { manifests, objects } = listing;
  const isHeld = (key: string): boolean => objects.get(key)?.held === true;
  const keysOf = (backup: Manifest): string[] => [
    manifestKey(backup.database, backup.id),
    ...objectKeys(backup),
  ];
  // An expiry only moves later, so one that was seen late enough still is.
  const extend: Extend = async (key, expires) => {
    const known = objects.get(key)?.expires;
    if (known && known < expires) await ifThere(store.extend(key, expires));
  };
  const going = backups.filter((backup) => keysOf(backup).some(isHeld));
  const needed = new Set(going.flatMap((backup) => chainOf(manifests, backup) ?? [backup]));
  await extendBackups(extend, upwards(needed), until);
  for (const key of upwards(going).reverse().flatMap(keysOf).filter(isHeld))
    await ifThere(store.hold(key, false));
  for (const key of orphans(listing)) {
    await extend(key, until);
    await ifThere(store.hold(key, false));
  }
}

function upwards(backups: Iterable<Manifest>): Manifest[] {
  return [...backups].sort((a, b) => a.depth - b.depth);
}

function objectKeys({ objects }: Manifest): string[] {
  return objects.map(({ key }) => key);
}

/** What is gone already needs neither hold nor time. */
async function ifThere(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'not_found') throw error;
  }
}

/** Held objects of backups that are not listed: somebody died between letting go of a manifest and of what it names. */
function orphans({ manifests, damaged, objects }: Listing): string[] {
  const known = new Set([...manifests, ...damaged].map(({ id }) => id));
  return [...objects.values()]
    .filter(({ key, held }) => held && !known.has(key.split('/')[2] ?? ''))
    .map(({ key }) => key);
}
