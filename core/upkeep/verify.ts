// Keeps stored backups good: `verify` finds damage, records it and lets another backup keep a lost
// slot; `copies` brings further stores up to date; `prune` deletes what has expired in a folder.
// Imports restore, state, catalog and what is below them.
import type { PromotedBackup, VerifiedBackup, VerifyDocument } from '../documents/restore.ts';
import { BACKUP_ID, manifestKey, type Manifest } from '../format/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { promotions, type Calendar } from '../catalog/retention.ts';
import type { Context } from '../context.ts';
import { forgetDamage, recordExaminations } from '../state/damage.ts';
import { missingBackups, refuseMissingNewest } from '../state/missing.ts';
import { fullId, selectBackup } from '../catalog/select.ts';
import type { Listing } from '../catalog/listing.ts';
import { createVerification, type VerificationOptions } from './verification.ts';

export type VerifyOptions = VerificationOptions & {
  /** `latest`, an id, or a time; every backup when absent. */
  readonly at?: string | undefined;
};

/**
 * Compares the catalog with what is in the store: every byte of every object with its checksum;
 * with `readData` it also decodes every page, and compares it with its fingerprint
 * (docs/decisions/verify.md). Records what is damaged, and what is sound again.
 */
export async function verify(
  context: Context,
  database: string,
  options: VerifyOptions,
  keep?: Pick<DatabaseConfig, 'retention' | 'timeZone'>,
): Promise<VerifyDocument> {
  // The manifests themselves: a copy of one would hide that it can no longer be read.
  const listing = await context.catalog.list(database, { withoutBundle: true });
  const backups: VerifiedBackup[] = [];
  await using verification = createVerification(context, listing, options);
  for (const manifest of await manifestsAt(context, listing, database, options.at)) {
    options.signal?.throwIfAborted();
    const problems = await verification.problemsOf(manifest);
    const { id, takenAt } = manifest;
    backups.push({ id, takenAt, ok: problems.length === 0, problems });
  }
  if (options.at === undefined) backups.push(...(await unlisted(context, listing, database)));
  if (backups.length === 0)
    throw new LifeboatError(
      'not_found',
      `there is no backup of ${database}`,
      `Make one with \`lifeboat backup ${database}\`.`,
    );
  await recordExaminations(context, database, 'verify', verification.examinations());
  await forgetDamage(context, database, listing);
  const damaged = new Set(backups.filter(({ ok }) => !ok).map(({ id }) => id));
  const promoted = keep ? await promote(context, listing, damaged, keep) : [];
  return { backups: backups.sort((a, b) => (a.id < b.id ? 1 : -1)), promoted };
}

async function manifestsAt(
  context: Context,
  listing: Listing,
  database: string,
  limit: string | undefined,
): Promise<readonly Manifest[]> {
  if (limit === undefined) return listing.manifests;
  const at = fullId(listing, database, limit);
  // Only an id means a salvage copy.
  const manifest = selectBackup(listing, database, at, BACKUP_ID.test(at));
  await refuseMissingNewest(context, listing, { database, at, manifest });
  return [manifest];
}

/** Backups that cannot be listed: unreadable manifests, and backups that are gone. */
async function unlisted(
  context: Context,
  listing: Listing,
  database: string,
): Promise<VerifiedBackup[]> {
  const missing = await missingBackups(context, database, listing);
  return [
    ...listing.damaged.map(({ id, error }) => ({ id, ok: false, problems: [error.message] })),
    ...missing.map((id) => ({
      id,
      ok: false,
      problems: ['a run recorded this backup, and it is gone before its expiry'],
    })),
  ];
}

/**
 * Lets another backup of the same week, month or year live on in the place of a damaged one that
 * was kept for it.
 */
async function promote(
  { catalog, now, log }: Context,
  listing: Listing,
  damaged: ReadonlySet<string>,
  calendar: Calendar,
): Promise<PromotedBackup[]> {
  const promoted: PromotedBackup[] = [];
  for (const { id, slot, period, instead, expires } of promotions(
    listing.manifests,
    damaged,
    calendar,
    now(),
  )) {
    const heir = listing.manifests.find((each) => each.id === id);
    // Its manifest is extended last: what says that it lives so long already has all that it needs.
    const before = heir && listing.objects.get(manifestKey(heir.database, id))?.expires;
    if (!heir || !before || before >= expires) continue;
    await catalog.extendChain(listing, catalog.chain(listing, heir), expires);
    log(
      'WARNING',
      `${id} is kept for the ${slot} slot of ${period}, because ${instead} is damaged`,
      {
        event: 'promoted',
        database: heir.database,
      },
    );
    promoted.push({ id, slot, period, instead, expires: expires.toISOString() });
  }
  return promoted;
}
