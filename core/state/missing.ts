import type { Listing } from '../catalog/listing.ts';
import { idTime } from '../catalog/select.ts';
import { CLOCK_TOLERANCE_MS } from '../catalog/soundness.ts';
import type { Context } from '../context.ts';
import type { RunBackup } from '../documents/run.ts';
import { BACKUP_ID, type Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTime } from '../lib/text/format.ts';
import { endedRuns, newestRuns } from './records.ts';

/** The backups that a run recorded and that are gone before their time. */
export async function missingBackups(
  { store, now }: Context,
  database: string,
  listing: Listing,
): Promise<string[]> {
  const runs = await endedRuns(store, database);
  const ids = runs.flatMap(({ backup }) =>
    backup && isMissing(backup, listing, now()) ? [backup.id] : [],
  );
  return [...new Set(ids)];
}

type Selection = {
  readonly database: string;
  readonly at: string;
  /** The backup that was chosen for `at`. */
  readonly manifest: Manifest;
};

/**
 * Throws `backup_damaged` when a run recorded a newer backup for this `at` and that one is gone: an
 * older one must not take its place unnoticed. An id is never refused, and where this identity may
 * not read the records nothing is known.
 */
export async function refuseMissingNewest(
  context: Context,
  listing: Listing,
  { database, at, manifest }: Selection,
): Promise<void> {
  if (BACKUP_ID.test(at) || manifest.salvage) return;
  const id = await missingNewest(context, listing, database, timeLimit(at));
  if (id === undefined || idTime(id) < idTime(manifest.id)) return;
  throw new LifeboatError(
    'backup_damaged',
    `the newest backup ${id} of ${database} is missing: a run recorded it, and it had not expired`,
    `Find out who deleted it; a bucket keeps deleted objects for 7 days. To use the newest backup that is left, of ${formatTime(ENGLISH, manifest.takenAt, 'UTC')}, add --at ${manifest.id}.`,
    { facts: { backup: id } },
  );
}

/** Until when a backup may have been made to be meant, ms. */
function timeLimit(at: string): number {
  return at === 'latest' ? Infinity : Date.parse(at);
}

async function missingNewest(
  { store, now }: Context,
  listing: Listing,
  database: string,
  until: number,
): Promise<string | undefined> {
  const latest = Math.min(until, listing.at.getTime() + CLOCK_TOLERANCE_MS);
  try {
    for await (const { backup } of newestRuns(store, database))
      if (backup && idTime(backup.id) <= latest)
        return isMissing(backup, listing, now()) ? backup.id : undefined;
    return undefined;
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'store_denied') return undefined;
    throw error;
  }
}

function isMissing(
  { id, expires }: RunBackup,
  { manifests, damaged }: Listing,
  now: Date,
): boolean {
  return new Date(expires) > now && ![...manifests, ...damaged].some((each) => each.id === id);
}
