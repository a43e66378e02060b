import { getObject } from '../archive/objects.ts';
import { changedPages, countPages, type PageRun } from '../archive/pages.ts';
import type { Manifest, ManifestObject } from '../archive/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../errors.ts';
import { chooseParent } from '../policy/chain.ts';
import { takeSlots } from '../policy/retention.ts';
import type { Snapshot } from '../sqlite/types.ts';
import type { BackupRequest } from './backup.ts';
import type { Context } from './context.ts';
import { digestPages, pack } from './pack.ts';

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

type Writing = {
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
const leftoverExpiry = (context: Context): Date => new Date(context.now().getTime() + 2 * DAY);

/** Fingerprints that are gone or damaged cost space, not safety: the next backup is then full. */
const parentPrints = async (context: Context, parent: Manifest): Promise<Buffer | undefined> => {
  const object = parent.objects.find(({ role }) => role === 'fingerprints');
  if (!object) return undefined;
  const parts: Uint8Array[] = [];
  try {
    for await (const part of getObject(context.store, object)) parts.push(part);
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'backup_damaged') throw error;
    context.log('WARNING', `fingerprints of ${parent.id} cannot be used: ${error.message}`, { database: parent.database });
    return undefined;
  }
  return Buffer.concat(parts);
};

const findParent = async ({ context, database, request, snapshot, pageSize }: Writing, keyed: boolean) => {
  const { manifests, objects } = await context.catalog.list(database.name);
  const slots = takeSlots(manifests, snapshot.takenAt, request.reason, database.retention, database.timeZone);
  // Only what the store still has whole can carry a child.
  const whole = manifests.filter((each) => each.objects.every(({ key, size }) => objects.get(key)?.size === size));
  const parent = chooseParent(whole, {
    kind: request.kind,
    now: snapshot.takenAt,
    fullEveryMs: database.fullEveryMs,
    pageSize,
    recipients: database.recipients,
    keyed,
    longSlot: slots.length > 1,
  });
  return parent && { parent, chain: context.catalog.chain({ manifests: whole, damaged: [], objects }, parent) };
};

/** Decides between full and incremental, then writes data and fingerprints. */
export const writePages = async (writing: Writing): Promise<Written> => {
  const { context, database, request, snapshot, pageSize, prefix, signal } = writing;
  const keyed = database.recipients.length > 0 && context.keys.key !== undefined;
  const found = await findParent(writing, keyed);
  const previous = found && (await parentPrints(context, found.parent));
  const salt = found && previous ? Buffer.from(found.parent.chain.salt, 'hex') : context.random(16);
  const { sha256, prints } = await digestPages(snapshot.path, pageSize, salt, keyed ? context.keys.key : undefined, signal);
  const pages = snapshot.size / pageSize;
  const changed = previous && changedPages(previous, prints);
  const small = changed !== undefined && (request.kind === 'incremental' || countPages(changed) * 2 <= pages);
  const runs = small ? changed : undefined;
  const total = (runs ? countPages(runs) : pages) * pageSize;
  let done = 0;
  const onBytes = (bytes: number) => request.onProgress?.('write', (done += bytes), total);
  // Encrypted without a key, fingerprints would tell which page is which, so there are none.
  const printed = database.recipients.length > 0 && !keyed ? undefined : prints;
  const expires = leftoverExpiry(context);
  const objects = await pack({
    store: context.store,
    path: snapshot.path,
    pageSize,
    runs,
    recipients: database.recipients,
    prefix,
    prints: printed,
    expires,
    signal,
    onBytes,
  });
  const shared = { objects, sha256, pageSize, salt, keyed };
  return found && runs
    ? { ...shared, parent: found.parent, chain: found.chain, runs }
    : { ...shared, parent: undefined, chain: [], runs: [] };
};

/** The same snapshot once more as a full copy, for when an increment must not be built upon. */
export const fullRun = async (
  context: Context,
  database: DatabaseConfig,
  path: string,
  written: Written,
  prefix: string,
  signal: AbortSignal,
): Promise<Written> => {
  const { pageSize } = written;
  const expires = leftoverExpiry(context);
  const packing = {
    store: context.store,
    path,
    pageSize,
    runs: undefined,
    recipients: database.recipients,
    prefix,
    prints: undefined,
    expires,
    signal,
  };
  return { ...written, objects: await pack({ ...packing, onBytes: () => undefined }), parent: undefined, chain: [], runs: [] };
};
