import type { Copy } from '../catalog/catalog.ts';
import { dataExpiry } from '../catalog/holds.ts';
import { objectProblems } from '../catalog/soundness.ts';
import { manifestKey, type Manifest, type ManifestObject } from '../format/manifest.ts';
import { getObject } from '../catalog/objects.ts';
import { collect } from '../lib/bytes/bytes.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { isPrunable } from '../store/store.ts';
import type { Context } from '../context.ts';
import { recordExaminations } from '../state/damage.ts';
import { tidyStore } from './prune.ts';
import type { CopyDocument } from '../documents/backup.ts';
import type { Listing } from '../catalog/listing.ts';
import { DAY_MS } from '../lib/text/time.ts';

/** How the update of one copy ended. */
export type CopyResult = {
  readonly url: string;
  readonly ok: boolean;
  /** How many backups were copied. */
  readonly backups: number;
  readonly error?: LifeboatError | undefined;
};

/** The update of one copy. */
type CopyTransfer = {
  readonly context: Context;
  readonly to: Copy;
  readonly database: string;
  /** For how many days a released backup stays. */
  readonly dailyDays: number;
  readonly signal: AbortSignal | undefined;
};

/** The document of a copy for people and scripts. */
export function copyDocument({ url, ok, backups, error }: CopyResult): CopyDocument {
  return {
    url,
    ok,
    backups,
    ...(error ? { error: { code: error.code, message: error.message, hint: error.hint } } : {}),
  };
}

/**
 * Brings every copy up to date. A failing copy does not fail the backup, which the first store has;
 * it is reported. Never throws.
 */
export async function copyBackups(
  context: Context,
  database: string,
  dailyDays: number,
  signal?: AbortSignal,
): Promise<CopyResult[]> {
  const results: CopyResult[] = [];
  for (const to of context.copies) {
    const { url } = to.store;
    try {
      const backups = await catchUp({ context, to, database, dailyDays, signal });
      results.push({ url, ok: true, backups });
    } catch (cause) {
      const error = toLifeboatError(cause);
      results.push({ url, ok: false, backups: 0, error });
      context.log('ERROR', `the copy of ${database} in ${url} failed: ${error.message}`, {
        event: 'copy',
        database,
        code: error.code,
        hint: error.hint,
        cause,
      });
    }
  }
  return results;
}

/**
 * Copies what the copy lacks, also of earlier runs, and returns how many backups that were. One
 * that cannot be read is recorded as damaged; its error, or that of one whose place in the copy has
 * another object, is thrown at the end: the others are still copied.
 */
async function catchUp(transfer: CopyTransfer): Promise<number> {
  const { context, to, database, dailyDays, signal } = transfer;
  const [ours, theirs] = [await context.catalog.list(database), await to.catalog.list(database)];
  const copies = new Map(theirs.manifests.map((each) => [each.id, each]));
  let count = 0;
  let failure: LifeboatError | undefined;
  for (const manifest of parentsFirst(ours.manifests)) {
    signal?.throwIfAborted();
    const present = copies.get(manifest.id);
    if (!isWhole(manifest, ours) || (!present && ours.damage.has(manifest.id))) continue;
    // Without its parent, it would not restore from the copy.
    if (manifest.parent !== null && !copies.has(manifest.parent)) continue;
    const expires = expiryIn(transfer, ours, manifest);
    if (present && isWhole(present, theirs)) {
      const before = storedExpiry(theirs, manifest);
      if (before && before < (storedExpiry(ours, manifest) ?? expires))
        await to.catalog.extendChain(theirs, [manifest], expires);
      continue;
    }
    try {
      const mismatch = await copyBackup(transfer, manifest, expires);
      failure ??= mismatch;
      if (mismatch) continue;
      copies.set(manifest.id, manifest);
      count += 1;
    } catch (error) {
      failure ??= await recordedDamage(context, manifest, error);
    }
  }
  await to.catalog.reconcileHolds(database, dailyDays);
  if (isPrunable(to.store)) await tidyStore(context, to.store);
  if (failure) throw failure;
  return count;
}

function parentsFirst(manifests: readonly Manifest[]): Manifest[] {
  return [...manifests].sort((a, b) => a.depth - b.depth || (a.takenAt < b.takenAt ? -1 : 1));
}

/** Held there and past its time, it would be past its time here before it can be held. */
function expiryIn({ context, dailyDays }: CopyTransfer, ours: Listing, manifest: Manifest): Date {
  const expires = storedExpiry(ours, manifest) ?? new Date(manifest.expires);
  const now = context.now();
  const isHeld = ours.objects.get(manifestKey(manifest.database, manifest.id))?.held === true;
  return isHeld && expires <= now ? new Date(now.getTime() + dailyDays * DAY_MS) : expires;
}

function storedExpiry({ objects }: Listing, { database, id }: Manifest): Date | undefined {
  return objects.get(manifestKey(database, id))?.expires;
}

/**
 * Records that a backup could not be read to be copied. Rethrows what is not damage.
 */
async function recordedDamage(
  context: Context,
  { database, id }: Manifest,
  cause: unknown,
): Promise<LifeboatError> {
  const error = toLifeboatError(cause);
  if (error.code !== 'backup_damaged') throw cause;
  const examination = { problems: [error.message], restores: false, decoded: false };
  await recordExaminations(context, database, 'copy', [{ ...examination, id }]);
  return error;
}

function isWhole(manifest: Manifest, { objects }: Listing): boolean {
  return objectProblems(objects, manifest).length === 0;
}

/**
 * Objects first, manifest last, as in the first store: what a copy lists restores from that copy
 * alone. Returns the error when the copy has another object in the place of one of them.
 */
async function copyBackup(
  transfer: CopyTransfer,
  manifest: Manifest,
  expires: Date,
): Promise<LifeboatError | undefined> {
  const { context, to } = transfer;
  for (const object of manifest.objects) {
    const mismatch = await copyObject(transfer, object, dataExpiry(expires));
    if (mismatch) return mismatch;
  }
  const key = manifestKey(manifest.database, manifest.id);
  await to.store.create(key, await collect(context.store.read(key)), { expires });
  return undefined;
}

/**
 * Stores one object of a backup. An earlier attempt may have left another object under its name,
 * so it is compared.
 */
async function copyObject(
  { context, to, signal }: CopyTransfer,
  object: ManifestObject,
  expires: Date,
): Promise<LifeboatError | undefined> {
  const body = async function* () {
    for await (const chunk of getObject(context.store, object)) {
      signal?.throwIfAborted();
      yield chunk;
    }
  };
  const created = await to.store.create(object.key, body(), { expires });
  const copy = created ?? (await to.store.stat(object.key));
  if (copy?.size === object.size && (copy.crc32c ?? object.crc32c) === object.crc32c) {
    // It may have been copied when the backup was to be kept for a shorter time.
    if (!created) await to.store.extend(object.key, expires);
    return undefined;
  }
  return new LifeboatError(
    'store_unreachable',
    `${to.store.url} does not confirm size and checksum of ${object.key}`,
    'Remove that object from the copy, or check the disk of the copy. The next backup copies the object again.',
  );
}
