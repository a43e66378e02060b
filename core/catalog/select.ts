import { BACKUP_ID, type Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { verified } from './chain.ts';
import type { Listing } from './listing.ts';

const SEE = 'See `lifeboat list` for what there is.';

/**
 * The backup that `--at` means: `latest`, an id, or the newest whose snapshot is not younger than a
 * time.
 */
export function selectBackup(
  listing: Listing,
  database: string,
  at: string,
  salvage: boolean,
): Manifest {
  if (BACKUP_ID.test(at)) {
    const broken = listing.damaged.find(({ id }) => id === at);
    if (broken) throw broken.error;
    const found = listing.manifests.find(({ id }) => id === at);
    if (!found) throw new LifeboatError('not_found', `no backup ${at} of ${database}`, SEE);
    if (found.salvage && !salvage)
      throw new LifeboatError(
        'not_found',
        `${at} is a salvage copy: its database failed the inspection`,
        'Restore it with --salvage if nothing better is there.',
      );
    return found;
  }
  const until = at === 'latest' ? Infinity : Date.parse(at);
  if (Number.isNaN(until))
    throw new LifeboatError(
      'usage',
      `--at is neither latest, an id nor a time: ${at}`,
      'A time looks like 2026-11-23T03:00:00Z.',
    );
  const candidates = salvage
    ? listing.manifests
        .filter((each) => each.salvage)
        .sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1))
    : verified(listing.manifests);
  const found = candidates.filter(({ takenAt }) => Date.parse(takenAt) <= until).at(-1);
  // An unreadable manifest may well be the one that was meant; to give an older one in silence
  // would be worse than to refuse.
  const newer = listing.damaged
    .filter(({ id }) => idTime(id) <= until && (!found || idTime(id) >= idTime(found.id)))
    .at(-1);
  if (newer) throw newer.error;
  if (!found)
    throw new LifeboatError(
      'not_found',
      `no ${salvage ? 'salvage copy' : 'backup'} of ${database}${at === 'latest' ? '' : ` at ${at}`}`,
      SEE,
    );
  return found;
}

/** The time of the request that an id carries, ms. */
export function idTime(id: string): number {
  return Date.parse(
    id.slice(0, 16).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}
