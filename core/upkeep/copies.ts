import type { Copy } from '../catalog/catalog.ts';
import { dataExpiry } from '../catalog/holds.ts';
import { manifestKey, type Manifest } from '../format/manifest.ts';
import { getObject } from '../catalog/objects.ts';
import { collect } from '../lib/bytes.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { isPrunable, type Store } from '../store/store.ts';
import type { Context } from '../context.ts';
import { prune } from './prune.ts';
import type { CopyDocument } from '../documents/backup.ts';
import type { Listing } from '../catalog/listing.ts';
import { DAY_MS } from '../lib/time.ts';

export type Copied = {
  readonly url: string;
  readonly ok: boolean;
  readonly backups: number;
  readonly error?: LifeboatError;
};

/** The document of a copy for people and scripts. */
export function copyDocument({ url, ok, backups, error }: Copied): CopyDocument {
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
  daily: number,
  signal?: AbortSignal,
): Promise<Copied[]> {
  const results: Copied[] = [];
  for (const to of context.copies) {
    const { url } = to.store;
    try {
      results.push({ url, ok: true, backups: await catchUp(context, database, daily, to, signal) });
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
 * Brings one copy up to date with all that the first store has: what an earlier run could not copy
 * is copied now.
 */
async function catchUp(
  context: Context,
  database: string,
  daily: number,
  to: Copy,
  signal?: AbortSignal,
): Promise<number> {
  const [ours, theirs] = [await context.catalog.list(database), await to.catalog.list(database)];
  const has = new Map(theirs.manifests.map((each) => [each.id, each]));
  let copied = 0;
  // A child is of no use before its parent.
  for (const manifest of [...ours.manifests].sort(
    (a, b) => a.depth - b.depth || (a.takenAt < b.takenAt ? -1 : 1),
  )) {
    signal?.throwIfAborted();
    const key = manifestKey(database, manifest.id);
    const { expires: kept = new Date(manifest.expires), held = false } =
      ours.objects.get(key) ?? {};
    // Held there and past its time, it would be past its time here before it can be held.
    const past = held && kept <= context.now();
    const expires = past ? new Date(context.now().getTime() + daily * DAY_MS) : kept;
    const present = has.get(manifest.id);
    if (!isWhole(manifest, ours)) continue;
    if (!present || !isWhole(present, theirs)) {
      await copyBackup(context, to, manifest, expires, signal);
      copied += 1;
      continue;
    }
    const known = theirs.objects.get(key)?.expires;
    if (known && known < kept) await to.catalog.extendChain([manifest], expires);
  }
  await to.catalog.reconcileHolds(database, daily);
  if (isPrunable(to.store)) await prune({ ...context, store: to.store }, false);
  return copied;
}

/** A checksum that a store no longer knows says nothing; `verify` reads the bytes. */
function isWhole(manifest: Manifest, { objects }: Listing): boolean {
  return manifest.objects.every(
    ({ key, size, crc32c }) =>
      objects.get(key)?.size === size && (objects.get(key)?.crc32c ?? crc32c) === crc32c,
  );
}

/**
 * Objects first, manifest last, as in the first store: what a copy lists restores from that copy
 * alone.
 */
async function copyBackup(
  context: Context,
  to: Copy,
  manifest: Manifest,
  expires: Date,
  signal?: AbortSignal,
): Promise<void> {
  for (const object of manifest.objects)
    await copyObject(context.store, to, object, dataExpiry(expires), signal);
  const key = manifestKey(manifest.database, manifest.id);
  await to.store.create(key, await collect(context.store.read(key)), { expires });
}

/**
 * Stores one object of a backup; a part of it that an earlier attempt left under the name would be
 * another object, so it is compared.
 */
async function copyObject(
  from: Store,
  to: Copy,
  object: Manifest['objects'][number],
  expires: Date,
  signal?: AbortSignal,
): Promise<void> {
  const watched = async function* () {
    for await (const chunk of getObject(from, object)) {
      signal?.throwIfAborted();
      yield chunk;
    }
  };
  const created = await to.store.create(object.key, watched(), { expires });
  const found = created ?? (await to.store.stat(object.key));
  if (found?.size === object.size && (found.crc32c ?? object.crc32c) === object.crc32c)
    // What was there already may have been copied when the backup was to live less long.
    return created ? undefined : to.store.extend(object.key, expires);
  throw new LifeboatError(
    'store_unreachable',
    `the copy does not confirm size and checksum of ${object.key}`,
    'Remove that object from the copy, or check its disk; the next backup copies it again.',
  );
}
