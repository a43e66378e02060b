import { getObject, putObject } from '../catalog/objects.ts';
import { changedPages, countPages, type PageRun } from '../format/pages.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import { collect, once } from '../lib/bytes.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { chooseParent } from '../catalog/chain.ts';
import { takeSlots } from '../catalog/retention.ts';
import type { Snapshot } from '../sqlite/types.ts';
import type { BackupRequest } from '../runs/request.ts';
import type { Context } from '../context.ts';
import { digestFile } from './digest.ts';
import { packData } from './pack.ts';
import { wholeOf, type Listing } from '../catalog/listing.ts';

export type Written = {
  readonly parent: Manifest | undefined;
  /** The ancestors, from the base to the parent. */
  readonly chain: readonly Manifest[];
  readonly runs: readonly PageRun[];
  readonly objects: ManifestObject[];
  readonly sha256: string;
  readonly pageSize: number;
  readonly salt: Buffer;
  readonly keyed: boolean;
};

export type Writing = {
  readonly context: Context;
  readonly database: DatabaseConfig;
  readonly request: BackupRequest;
  readonly snapshot: Snapshot;
  readonly pageSize: number;
  readonly prefix: string;
  readonly signal: AbortSignal;
};

const DAY = 86_400_000;

/** Leftovers of a run that died go by themselves; a commit moves this later. */
export function leftoverExpiry(context: Context): Date {
  return new Date(context.now().getTime() + 2 * DAY);
}

/** Fingerprints that are gone or damaged cost space, not safety: the next backup is then full. */
export async function parentPrints(
  context: Context,
  parent: Manifest,
): Promise<Buffer | undefined> {
  const object = parent.objects.find(({ role }) => role === 'fingerprints');
  if (!object) return undefined;
  try {
    return await collect(getObject(context.store, object));
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'backup_damaged') throw error;
    context.log('WARNING', `fingerprints of ${parent.id} cannot be used: ${error.message}`, {
      event: 'unreadable',
      database: parent.database,
      backup: parent.id,
      code: error.code,
    });
    return undefined;
  }
}

export async function wholeBackups(context: Context, database: string): Promise<Listing> {
  const listing = await context.catalog.list(database);
  return { ...listing, manifests: wholeOf(listing) };
}

/** Decides between full and incremental, then writes data and fingerprints. */
export async function writePages(writing: Writing): Promise<Written> {
  const { context, database, request, snapshot, pageSize, prefix, signal } = writing;
  const { recipients } = database;
  const keyed = recipients.length > 0 && context.keys.key !== undefined;
  const found = await findParent(writing, keyed);
  const previous = found && (await parentPrints(context, found.parent));
  const salt = found && previous ? Buffer.from(found.parent.chain.salt, 'hex') : context.random(16);
  const finish = async (
    data: ManifestObject,
    runs: readonly PageRun[] | undefined,
    sha256: string,
    prints: Uint8Array,
  ): Promise<Written> => {
    // Encrypted without a key, fingerprints would tell which page is which, so there are none.
    const told = recipients.length === 0 || keyed;
    const objects = told
      ? [
          data,
          await putObject(
            context.store,
            'fingerprints',
            `${prefix}fingerprints`,
            once(prints),
            packing.expires,
          ),
        ]
      : [data];
    const shared = { objects, sha256, pageSize, salt, keyed };
    return found && runs
      ? { ...shared, parent: found.parent, chain: found.chain, runs }
      : { ...shared, parent: undefined, chain: [], runs: [] };
  };
  const progress = (step: string, total: number) => {
    let done = 0;
    return (chunk: Uint8Array): void => request.onProgress?.(step, (done += chunk.length), total);
  };
  const packing = {
    store: context.store,
    path: snapshot.path,
    pageSize,
    recipients,
    prefix,
    expires: leftoverExpiry(context),
    signal,
  };
  const digesting = digestFile(
    { path: snapshot.path, pageSize, salt, key: keyed ? context.keys.key : undefined },
    signal,
    (done) => {
      if (previous) request.onProgress?.('compare', done, snapshot.size);
    },
  );
  const packFull = () =>
    packData({ ...packing, runs: undefined, onChunk: progress('write', snapshot.size) });
  if (!previous) {
    const [data, { sha256, prints }] = await both(packFull(), digesting);
    return finish(data, undefined, sha256, prints);
  }
  const { sha256, prints } = await digesting;
  const changed = changedPages(previous, Buffer.from(prints));
  const runs =
    request.kind === 'incremental' || countPages(changed) * 2 <= snapshot.size / pageSize
      ? changed
      : undefined;
  const data = runs
    ? await packData({ ...packing, runs, onChunk: progress('write', countPages(runs) * pageSize) })
    : await packFull();
  return finish(data, runs, sha256, prints);
}

/** The same snapshot once more as a full copy, for when an increment must not be built upon. */
export async function writeFull(writing: Writing, written: Written): Promise<Written> {
  const { context, database, snapshot, pageSize, prefix, signal } = writing;
  const packing = {
    store: context.store,
    path: snapshot.path,
    pageSize,
    recipients: database.recipients,
    prefix,
    signal,
  };
  const data = await packData({
    ...packing,
    runs: undefined,
    expires: leftoverExpiry(context),
    onChunk: () => undefined,
  });
  return { ...written, objects: [data], parent: undefined, chain: [], runs: [] };
}

async function findParent(
  { context, database, request, snapshot, pageSize }: Writing,
  keyed: boolean,
) {
  const whole = await wholeBackups(context, database.name);
  const slots = takeSlots(
    whole.manifests,
    snapshot.takenAt,
    request.reason,
    database.retention,
    database.timeZone,
  );
  const parent = chooseParent(whole.manifests, {
    kind: request.kind,
    now: snapshot.takenAt,
    fullEveryMs: database.fullEveryMs,
    pageSize,
    recipients: database.recipients,
    keyed,
    longSlot: slots.length > 1,
  });
  return parent && { parent, chain: context.catalog.chain(whole, parent) };
}

/** Waits for both even when one fails, so that none goes on behind the back of who cleans up. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}
