import type { FileHandle } from 'node:fs/promises';
import type { Context } from '../context.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import { encrypt } from '../format/encryption.ts';
import { countPages, fingerprintingOf, type PageChanges, type PageRun } from '../format/pages.ts';
import { putObject } from '../catalog/objects.ts';
import { settleBoth } from '../lib/async.ts';
import { once } from '../lib/bytes/bytes.ts';
import { openScratchFile } from '../lib/files/scratch-file.ts';
import type { Steps } from '../runs/steps.ts';
import type { Pulled } from '../source/source.ts';
import type { Check, Inspection, Snapshot } from '../sqlite/types.ts';
import { withSignal } from '../store/with-signal.ts';
import { digestFile } from './digest.ts';
import { packData, type PackInput } from './pack.ts';
import { takesLongSlot, type Plan } from './plan.ts';
import { fetchPrints, storePrints } from './prints.ts';
import { DAY_MS } from '../lib/text/time.ts';
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
/** A private folder for files that end with the run. */
type ScratchPlace = { readonly directory: string };
/** A snapshot whose page size was read, and where to report progress. */
export type PageWriting = Writing<Pulled> &
  ScratchPlace & { readonly pageSize: number; readonly steps: Steps };
/** Fingerprints that were written to a file, and their sum. */
type PrintsFile = { readonly file: FileHandle; readonly sha256: string };

/** Until when the objects of a run that died are kept; a commit extends it. */
export function leftoverExpiry({ now }: Pick<Context, 'now'>): Date {
  return new Date(now().getTime() + 2 * DAY_MS);
}

/** Decides between full and incremental by the changed pages, then writes data and fingerprints. */
export async function writePages(writing: PageWriting): Promise<Written> {
  const { context, plan, snapshot, pageSize, steps, signal, directory } = writing;
  await using ownPrints = await openScratchFile(directory);
  await using parentPrints = await openScratchFile(directory);
  const candidate = parentFor(writing);
  const isComparable =
    candidate !== undefined && (await fetchPrints(context, candidate, parentPrints, signal));
  const parent = isComparable ? candidate : undefined;
  const fingerprinting = parent?.chain ?? newFingerprinting(plan.keyed, context.random(16));
  const digesting = digestFile(
    {
      path: snapshot.path,
      size: snapshot.size,
      fingerprinting: fingerprintingOf(fingerprinting, pageSize, context.keys.key),
      prints: ownPrints.fd,
      parentPrints: parent && parentPrints.fd,
    },
    signal,
    (done) => {
      if (parent) steps.progress('write', 'compare')(done, snapshot.size);
    },
  );
  const input = packInput(writing, pageSize);
  const pack = (runs: readonly PageRun[] | undefined) => {
    const total = runs ? countPages(runs) * pageSize : snapshot.size;
    return packData({ ...input, runs, onChunk: counting(steps, total) });
  };
  // Nothing may close the files while the thread still uses them, so it is always waited for.
  const [early, digest] = await settleBoth(
    parent ? Promise.resolve(undefined) : pack(undefined),
    digesting,
  );
  const runs = parent && runsToStore(writing, digest.changes);
  const data = early ?? (await pack(runs));
  const objects = await withPrints(writing, data, { file: ownPrints, sha256: digest.printsSha256 });
  const shared = { pageSize, fingerprinting, objects, sha256: digest.sha256 };
  return parent && runs
    ? { ...shared, parent, chain: plan.chain, runs }
    : { ...shared, parent: undefined, chain: [], runs: [] };
}

/** `undefined` when the backup is to be full after all. */
function runsToStore(
  { plan: { request }, snapshot, pageSize }: PageWriting,
  { runs, pages }: PageChanges,
): readonly PageRun[] | undefined {
  const isSmall = pages * 2 <= snapshot.size / pageSize;
  return request.kind === 'incremental' || isSmall ? runs : undefined;
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
export async function writeUnchanged(
  writing: Writing<undefined> & ScratchPlace,
): Promise<Taken | undefined> {
  const { context, plan, prefix, signal } = writing;
  const parent = plan.reusable;
  const recorded = parent?.objects.find(({ role }) => role === 'fingerprints');
  if (!parent || !recorded) return undefined;
  await using file = await openScratchFile(writing.directory);
  if (!(await fetchPrints(context, parent, file, signal))) return undefined;
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
    objects: [data, await putPrints(writing, { file, sha256: recorded.sha256 })],
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

async function withPrints(
  writing: Writing,
  data: ManifestObject,
  prints: PrintsFile,
): Promise<ManifestObject[]> {
  const { database, keyed } = writing.plan;
  // Without a key, anyone could compare the fingerprint of an encrypted page with a guess.
  return database.recipients.length === 0 || keyed
    ? [data, await putPrints(writing, prints)]
    : [data];
}

function putPrints(
  { context, prefix, signal }: Writing<Snapshot | undefined>,
  { file, sha256 }: PrintsFile,
): Promise<ManifestObject> {
  const expires = leftoverExpiry(context);
  return storePrints(context, file, { key: `${prefix}fingerprints`, expires, sha256, signal });
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
