import { LifeboatError } from '../lib/errors.ts';
import { chainOf } from './chain.ts';
import type { Store } from '../store/store.ts';
import { manifestKey, type Manifest } from '../format/manifest.ts';
import type { Listing } from './listing.ts';

// A process may die between any two of these calls, and never come back. So what makes others live is set from the base to the newest, a manifest
// after what it names; what lets go runs the other way: then whatever is listed has all that it needs, at every moment.

const DAY = 86_400_000;

/** Data never goes before its manifest. */
export const dataExpiry = (expires: Date): Date => new Date(expires.getTime() + 3 * DAY);

type Extend = (key: string, expires: Date) => Promise<void>;

const upwards = (backups: Iterable<Manifest>): Manifest[] =>
  [...backups].sort((a, b) => a.depth - b.depth);

/** Extends backups in the given order, which has ancestors first. */
export const extendBackups = async (
  extend: Extend,
  backups: readonly Manifest[],
  expires: Date,
): Promise<void> => {
  for (const { database, id, objects } of backups) {
    for (const object of objects) await extend(object.key, dataExpiry(expires));
    await extend(manifestKey(database, id), expires);
  }
};

/** What is gone already needs neither hold nor time. */
const ifThere = async (work: Promise<void>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'not_found') throw error;
  }
};

const objectKeys = ({ objects }: Manifest): string[] => objects.map(({ key }) => key);

export const setHolds = async (
  store: Store,
  { objects }: Listing,
  backups: readonly Manifest[],
): Promise<void> => {
  for (const backup of upwards(backups))
    for (const key of [...objectKeys(backup), manifestKey(backup.database, backup.id)])
      if (objects.get(key)?.held === false) await ifThere(store.hold(key, true));
};

/** Held objects of backups that are not listed: somebody died between letting go of a manifest and of what it names. */
const orphans = ({ manifests, damaged, objects }: Listing): string[] => {
  const known = new Set([...manifests, ...damaged].map(({ id }) => id));
  return [...objects.values()]
    .filter(({ key, held }) => held && !known.has(key.split('/')[2] ?? ''))
    .map(({ key }) => key);
};

/** Releases the holds of these backups, which then live until `until` at least, with all that they need. */
export const releaseHolds = async (
  store: Store,
  listing: Listing,
  backups: readonly Manifest[],
  until: Date,
): Promise<void> => {
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
};
