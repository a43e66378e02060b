import { BACKUP_ID, type Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTime } from '../lib/text/format.ts';
import { ID_PREFIX } from './at.ts';
import { verified } from './chain.ts';
import type { Listing } from './listing.ts';
import { candidatesOf, CLOCK_TOLERANCE_MS, isFuture } from './soundness.ts';

const MOST_IDS = 5;
const SEE = 'Run `lifeboat list` to see the backups.';

/**
 * The backup that a canonical `--at` means: an id, `latest`, or the newest whose snapshot is not
 * younger than a time. Only an id means a backup whose own time lies in the future.
 */
export function selectBackup(
  listing: Listing,
  database: string,
  at: string,
  salvage: boolean,
): Manifest {
  if (BACKUP_ID.test(at)) {
    const unreadable = listing.damaged.find(({ id }) => id === at);
    if (unreadable) throw unreadable.error;
    const backup = listing.manifests.find(({ id }) => id === at);
    if (!backup) throw new LifeboatError('not_found', `no backup ${at} of ${database}`, SEE);
    if (backup.salvage && !salvage)
      throw new LifeboatError(
        'not_found',
        `${at} is a salvage copy: its database failed the inspection`,
        'Use --salvage to restore it if there is no better backup.',
      );
    return backup;
  }
  const until = at === 'latest' ? Infinity : Date.parse(at);
  if (Number.isNaN(until))
    throw new LifeboatError(
      'internal',
      `${at} is not a canonical time`,
      'This is a bug in Lifeboat. Please report it.',
    );
  const candidates = salvage
    ? listing.manifests
        .filter((each) => each.salvage)
        .sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1))
    : verified(candidatesOf(listing));
  const newest = candidates.filter(({ takenAt }) => Date.parse(takenAt) <= until).at(-1);
  // An unreadable manifest may well be the one that was meant; to restore an older one unnoticed
  // would be worse than to refuse.
  const end = Math.min(until, endOfCounted(listing, newest));
  const unreadable = listing.damaged
    .filter(({ id }) => idTime(id) <= end && (!newest || idTime(id) >= idTime(newest.id)))
    .at(-1);
  if (unreadable) throw unreadable.error;
  if (newest) return newest;
  throw noBackup(database, candidates[0], { until, salvage });
}

function noBackup(
  database: string,
  oldest: Manifest | undefined,
  { until, salvage }: { readonly until: number; readonly salvage: boolean },
): LifeboatError {
  const what = `no ${salvage ? 'salvage copy' : 'backup'} of ${database}`;
  if (!oldest) return new LifeboatError('not_found', what, SEE);
  const [limit, first] = [new Date(until).toISOString(), oldest.takenAt].map((time) =>
    formatTime(ENGLISH, time, 'UTC'),
  );
  return new LifeboatError(
    'not_found',
    `${what} from ${limit} or before; the oldest is from ${first}`,
    SEE,
  );
}

/**
 * The id that begins so. `at` itself when it is no beginning of an id. Throws `not_found` when
 * there is none, and `usage` when there are several.
 */
export function fullId(listing: Listing, database: string, at: string): string {
  if (!ID_PREFIX.test(at) || BACKUP_ID.test(at)) return at;
  const ids = [...listing.manifests, ...listing.damaged]
    .map(({ id }) => id)
    .filter((id) => id.startsWith(at));
  const [first, ...others] = ids;
  if (first === undefined)
    throw new LifeboatError(
      'not_found',
      `no backup of ${database} has an ID that begins with ${at}`,
      SEE,
    );
  if (others.length === 0) return first;
  throw new LifeboatError(
    'usage',
    `${ids.length} backups of ${database} have an ID that begins with ${at}`,
    `Name one of them: ${ids.toSorted().slice(-MOST_IDS).join(', ')}${ids.length > MOST_IDS ? ', …' : ''}.`,
  );
}

/** Until when a backup counts, ms: one from the future does not, unless all are. */
function endOfCounted({ at }: Listing, newest: Manifest | undefined): number {
  return newest && isFuture(newest.takenAt, at) ? Infinity : at.getTime() + CLOCK_TOLERANCE_MS;
}

/** The time of the request that an id carries, ms. */
export function idTime(id: string): number {
  return Date.parse(
    id.slice(0, 16).replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}
