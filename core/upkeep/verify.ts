import type { PromotedBackup, VerifiedBackup, VerifyDocument } from '../documents/restore.ts';
import type { Progress } from '../lib/progress.ts';
import { manifestKey, type Manifest } from '../format/manifest.ts';
import { getObject } from '../catalog/objects.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { promotions } from '../catalog/retention.ts';
import type { Context } from '../context.ts';
import { readSnapshot } from '../restore/materialise.ts';
import { endedRuns } from '../state/records.ts';
import { selectBackup } from '../catalog/select.ts';
import type { Listing } from '../catalog/listing.ts';

export type VerifyOptions = {
  readonly at?: string | undefined;
  readonly readData: boolean;
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Compares the catalog with what is in the store: sizes and checksums; with `readData` every page
 * as well.
 */
export async function verify(
  context: Context,
  database: string,
  options: VerifyOptions,
  keep?: Pick<DatabaseConfig, 'retention' | 'timeZone'>,
): Promise<VerifyDocument> {
  const listing = await context.catalog.list(database);
  const wanted =
    options.at === undefined
      ? [...listing.manifests]
      : [selectBackup(listing, database, options.at, true)];
  const backups: VerifiedBackup[] = [];
  for (const manifest of wanted) {
    options.signal?.throwIfAborted();
    const problems = await objectProblems(context, listing, manifest);
    try {
      context.catalog.chain(listing, manifest);
      if (options.readData)
        problems.push(...(await dataProblems(context, listing, manifest, options)));
    } catch (error) {
      problems.push(describe(error));
    }
    backups.push({ id: manifest.id, ok: problems.length === 0, problems });
  }
  if (options.at === undefined) {
    backups.push(
      ...listing.damaged.map(({ id, error }) => ({ id, ok: false, problems: [error.message] })),
    );
    backups.push(...(await vanished(context, database, listing)));
  }
  if (backups.length === 0)
    throw new LifeboatError(
      'not_found',
      `no backup of ${database}`,
      'Make one with `lifeboat backup`.',
    );
  const damaged = new Set(backups.filter(({ ok }) => !ok).map(({ id }) => id));
  const promoted = keep ? await promote(context, listing, damaged, keep) : [];
  return { backups: backups.sort((a, b) => (a.id < b.id ? 1 : -1)), promoted };
}

async function objectProblems(
  context: Context,
  listing: Listing,
  manifest: Manifest,
): Promise<string[]> {
  const problems = metadataProblems(listing, manifest);
  for (const object of manifest.objects) {
    const stored = listing.objects.get(object.key);
    if (!stored) problems.push(`the object ${object.key} is missing`);
    else if (stored.size !== object.size)
      problems.push(`the object ${object.key} has ${stored.size} bytes instead of ${object.size}`);
    else
      try {
        for await (const _ of getObject(context.store, object));
      } catch (error) {
        problems.push(describe(error));
      }
  }
  return problems;
}

/** Expiry and hold that a store cannot read: the backup restores, but it is never deleted. */
function metadataProblems({ objects }: Listing, { database, id, ...rest }: Manifest): string[] {
  const keys = [manifestKey(database, id), ...rest.objects.map(({ key }) => key)];
  return keys
    .filter((key) => objects.get(key)?.metadataDamaged === true)
    .map((key) => `the metadata of ${key} (${key}.meta) is damaged; the object is kept for ever`);
}

function describe(error: unknown): string {
  const fault = toLifeboatError(error);
  // Only damage is a finding; a store that does not answer says nothing about the backup.
  if (!['backup_damaged', 'backup_forged', 'not_found'].includes(fault.code)) throw fault;
  return fault.message;
}

/** Decodes every page and keeps none: shows whether a restore would produce the snapshot. */
async function dataProblems(
  context: Context,
  listing: Listing,
  manifest: Manifest,
  { onProgress, signal }: VerifyOptions,
): Promise<string[]> {
  let done = 0;
  try {
    const chain = context.catalog.chain(listing, manifest);
    for await (const piece of readSnapshot(context, chain, signal))
      onProgress?.('verify', (done += piece.length), manifest.size);
    return [];
  } catch (error) {
    signal?.throwIfAborted();
    return [describe(error)];
  }
}

/** Backups that a run recorded and that are gone before their time. */
async function vanished(
  context: Context,
  database: string,
  listing: Listing,
): Promise<VerifiedBackup[]> {
  const known = new Set([
    ...listing.manifests.map(({ id }) => id),
    ...listing.damaged.map(({ id }) => id),
  ]);
  const runs = await endedRuns(context.store, database);
  const missing = new Set(
    runs.flatMap(({ backup }) =>
      backup && new Date(backup.expires) > context.now() && !known.has(backup.id)
        ? [backup.id]
        : [],
    ),
  );
  return [...missing].map((id) => ({
    id,
    ok: false,
    problems: ['a run recorded this backup, and it is gone before its expiry'],
  }));
}

/**
 * Lets another backup of the same week, month or year live on in the place of a damaged one that
 * was kept for it.
 */
async function promote(
  { catalog, now, log }: Context,
  listing: Listing,
  damaged: ReadonlySet<string>,
  { retention, timeZone }: Pick<DatabaseConfig, 'retention' | 'timeZone'>,
): Promise<PromotedBackup[]> {
  const promoted: PromotedBackup[] = [];
  for (const { id, slot, period, instead, expires } of promotions(
    listing.manifests,
    damaged,
    retention,
    timeZone,
    now(),
  )) {
    const heir = listing.manifests.find((each) => each.id === id);
    // Its manifest is extended last: what says that it lives so long already has all that it needs.
    const known = heir && listing.objects.get(manifestKey(heir.database, id))?.expires;
    if (!heir || !known || known >= expires) continue;
    await catalog.extendChain(catalog.chain(listing, heir), expires);
    log('WARNING', `${id} is kept for the ${slot} slot of ${period}, since ${instead} is damaged`, {
      event: 'promoted',
      database: heir.database,
    });
    promoted.push({ id, slot, period, instead, expires: expires.toISOString() });
  }
  return promoted;
}
