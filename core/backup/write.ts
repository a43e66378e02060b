import type { Context } from '../context.ts';
import { MAX_RUNS, type Manifest, type ManifestObject } from '../format/manifest.ts';
import { encrypt } from '../format/encryption.ts';
import { changedPages, countPages, fingerprintingOf, type PageRun } from '../format/pages.ts';
import { getObject, putObject } from '../catalog/objects.ts';
import { settleBoth } from '../lib/async.ts';
import { collect, once } from '../lib/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Steps } from '../runs/steps.ts';
import type { Pulled } from '../source/source.ts';
import type { Check, Inspection, Snapshot } from '../sqlite/types.ts';
import { recordExaminations } from '../state/damage.ts';
import { withSignal } from '../store/with-signal.ts';
import { digestFile } from './digest.ts';
import { packData, type PackInput } from './pack.ts';
import { takesLongSlot, type Plan } from './plan.ts';
import { DAY_MS } from '../lib/time.ts';
import { questionsOf, recordedChecks } from './reuse.ts';

/** The stored pages of a snapshot. */
export type Written = {
  /** `undefined` for a full backup, whatever the plan said. */
  readonly parent: Manifest | undefined;
  /** The ancestors, from the base to the parent. */
  readonly chain: readonly Manifest[];
  readonly runs: readonly PageRun[];
  readonly objects: readonly ManifestObject[];
  readonly sha256: string;
  readonly pageSize: number;
  /** How the fingerprints are made. */
  readonly fingerprinting: Manifest['chain'];
};

/** A snapshot, stored and inspected but not yet judged. */
export type Taken = Written & {
  readonly takenAt: Date;
  readonly version: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** The result of the application's health check. */
  readonly health: readonly Check[];
  readonly inspection: Inspection | Manifest['inspection'];
  /** `undefined` when the source said that nothing changed. */
  readonly snapshot: Snapshot | undefined;
  /** The prefix of the objects of this attempt. */
  readonly attempt: string;
};

/**
 * Where the pages come from and where they go. `prefix` is random: a retry never meets the
 * leftovers of a run that died.
 */
export type Writing<S extends Snapshot | undefined = Snapshot> = {
  readonly context: Context;
  readonly plan: Plan;
  readonly snapshot: S;
  readonly prefix: string;
  readonly signal: AbortSignal;
};
/** A snapshot whose page size was read, and where to report progress. */
export type PageWriting = Writing<Pulled> & { readonly pageSize: number; readonly steps: Steps };

/** Until when the objects of a run that died are kept; a commit extends it. */
export function leftoverExpiry({ now }: Pick<Context, 'now'>): Date {
  return new Date(now().getTime() + 2 * DAY_MS);
}

/** Decides between full and incremental by the changed pages, then writes data and fingerprints. */
export async function writePages(writing: PageWriting): Promise<Written> {
  const { context, plan, snapshot, pageSize, steps, signal } = writing;
  const { request } = plan;
  const parent = parentFor(writing);
  const previous = parent && (await parentPrints(context, parent, signal));
  const fingerprinting =
    parent && previous ? parent.chain : newFingerprinting(plan.keyed, context.random(16));
  const input = packInput(writing, pageSize);
  const digesting = digestFile(
    {
      path: snapshot.path,
      size: snapshot.size,
      fingerprinting: fingerprintingOf(fingerprinting, pageSize, context.keys.key),
    },
    signal,
    (done) => {
      if (previous) steps.progress('write', 'compare')(done, snapshot.size);
    },
  );
  const pack = (runs: readonly PageRun[] | undefined) => {
    const total = runs ? countPages(runs) * pageSize : snapshot.size;
    return packData({ ...input, runs, onChunk: counting(steps, total) });
  };
  const shared = { pageSize, fingerprinting };
  if (!parent || !previous) {
    const [data, { sha256, prints }] = await settleBoth(pack(undefined), digesting);
    const objects = await withPrints(writing, data, prints);
    return { ...shared, objects, sha256, parent: undefined, chain: [], runs: [] };
  }
  const { sha256, prints } = await digesting;
  const changed = changedPages(previous, Buffer.from(prints));
  const isSmall = countPages(changed) * 2 <= snapshot.size / pageSize;
  const isWanted = request.kind === 'incremental' || isSmall;
  const runs = isWanted && changed.length <= MAX_RUNS ? changed : undefined;
  const objects = await withPrints(writing, await pack(runs), prints);
  return runs
    ? { ...shared, objects, sha256, parent, chain: plan.chain, runs }
    : { ...shared, objects, sha256, parent: undefined, chain: [], runs: [] };
}

/** For a new chain. Without a key, numbers would hide nothing: the salt is in the manifest. */
function newFingerprinting(keyed: boolean, salt: Buffer): Manifest['chain'] {
  return { salt: salt.toString('hex'), keyed, ...(keyed ? { numbered: true } : {}) };
}

/**
 * The parent of the plan, unless this snapshot has another page size, or belongs to a later week
 * than the plan: then it is the first backup of that week, and those are full.
 */
function parentFor({ plan, snapshot, pageSize }: PageWriting): Manifest | undefined {
  const { parent, request } = plan;
  if (request.kind === 'auto' && takesLongSlot(plan, snapshot.takenAt)) return undefined;
  return parent?.pageSize === pageSize ? parent : undefined;
}

/** The same snapshot once more as a full copy, when it must not depend on other backups. */
export async function writeFull(writing: Writing, taken: Taken): Promise<Taken> {
  const data = await packData({
    ...packInput(writing, taken.pageSize),
    runs: undefined,
    onChunk: () => undefined,
  });
  return { ...taken, objects: [data], parent: undefined, chain: [], runs: [] };
}

/**
 * An incremental backup without pages, for a source that still has the version of `plan.reusable`.
 * `undefined` when the fingerprints of that backup are damaged, so that nothing can build on it.
 */
export async function writeUnchanged(writing: Writing<undefined>): Promise<Taken | undefined> {
  const { context, plan, prefix, signal } = writing;
  const parent = plan.reusable;
  const prints = parent && (await parentPrints(context, parent, signal));
  if (!parent || !prints) return undefined;
  const { recipients } = plan.database;
  const name = `${prefix}pages.zst${recipients.length > 0 ? '.age' : ''}`;
  const nothing = once(new Uint8Array());
  const body = recipients.length > 0 ? encrypt(nothing, recipients) : nothing;
  const store = withSignal(context.store, signal);
  const data = await putObject(
    store,
    { role: 'data', key: name, expires: leftoverExpiry(context) },
    body,
  );
  const detail = `the source says that it is still the state of ${parent.id}`;
  const checks = recordedChecks(parent.inspection, questionsOf(plan));
  return {
    parent,
    chain: plan.chain,
    runs: [],
    objects: [data, await putPrints(writing, prints)],
    sha256: parent.sha256,
    pageSize: parent.pageSize,
    fingerprinting: parent.chain,
    takenAt: context.now(),
    version: parent.sourceVersion ?? undefined,
    size: parent.size,
    health: [],
    inspection: {
      ...parent.inspection,
      checks: [...checks, { name: 'unchanged', result: 'ok', detail }],
    },
    snapshot: undefined,
    attempt: prefix,
  };
}

/**
 * Fingerprints that are missing or damaged cost space, not safety: the next backup is then full.
 */
async function parentPrints(
  context: Context,
  parent: Manifest,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const { store, log } = context;
  const object = parent.objects.find(({ role }) => role === 'fingerprints');
  if (!object) return undefined;
  try {
    return await collect(getObject(withSignal(store, signal), object));
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'backup_damaged') throw error;
    log('WARNING', `fingerprints of ${parent.id} cannot be used: ${error.message}`, {
      event: 'unreadable',
      database: parent.database,
      backup: parent.id,
      code: error.code,
    });
    await recordExaminations(context, parent.database, 'backup', [
      { id: parent.id, problems: [error.message], restores: true, decoded: false },
    ]);
    return undefined;
  }
}

async function withPrints(
  writing: Writing,
  data: ManifestObject,
  prints: Uint8Array,
): Promise<ManifestObject[]> {
  const { database, keyed } = writing.plan;
  // Without a key, anyone could compare the fingerprint of an encrypted page with a guess.
  return database.recipients.length === 0 || keyed
    ? [data, await putPrints(writing, prints)]
    : [data];
}

function putPrints(
  { context, prefix, signal }: Writing<Snapshot | undefined>,
  prints: Uint8Array,
): Promise<ManifestObject> {
  const store = withSignal(context.store, signal);
  const expires = leftoverExpiry(context);
  return putObject(
    store,
    { role: 'fingerprints', key: `${prefix}fingerprints`, expires },
    once(prints),
  );
}

function packInput(
  { context, plan, snapshot, prefix, signal }: Writing,
  pageSize: number,
): Omit<PackInput, 'runs' | 'onChunk'> {
  return {
    store: withSignal(context.store, signal),
    path: snapshot.path,
    pageSize,
    recipients: plan.database.recipients,
    prefix,
    expires: leftoverExpiry(context),
    signal,
  };
}

function counting(steps: Steps, total: number): (chunk: Uint8Array) => void {
  let count = 0;
  return (chunk) => steps.progress('write', 'write')((count += chunk.length), total);
}
