import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { BackupDocument } from '../app-types.ts';
import { backupPrefix, type Content, type Manifest } from '../archive/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../errors.ts';
import { verified } from '../policy/chain.ts';
import { expiryOf, takeSlots } from '../policy/retention.ts';
import { inspect } from '../sqlite/inspect.ts';
import { takeSnapshot } from '../sqlite/snapshot.ts';
import type { Inspection, Snapshot } from '../sqlite/types.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import type { Context, Progress } from './context.ts';
import { backupDocument } from './documents.ts';
import { writeFull, writePages, type Writing, type Written } from './write.ts';
import { endRun, failureOf, startRun } from './runs.ts';

const DAY = 86_400_000;
const MOST_SALVAGE = 3;

export type BackupRequest = {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly reason: string;
  /** The same key and time, twice or at once, give one backup. */
  readonly key: string;
  readonly requestedAt: Date;
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
};

/** `20261123T030000Z-1a2b3c4d`: the time of the request and 8 hex digits of its key. */
export const backupId = (requestedAt: Date, key: string): string =>
  `${requestedAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;

const pageSizeOf = async (path: string): Promise<number> => {
  await using file = await open(path, 'r');
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 16);
  const value = buffer.readUInt16BE(0);
  return value === 1 ? 65_536 : value;
};

const refusal = (inspection: Inspection, salvaged: boolean): LifeboatError => {
  const failed = inspection.checks.filter(({ result }) => result === 'failed');
  const names = failed.map(({ name, detail }) => (detail ? `${name}: ${detail}` : name)).join('; ');
  const kept = salvaged ? ' A salvage copy is kept for 14 days: see `lifeboat list --all`.' : '';
  const facts = { checks: failed.map(({ name }) => name), salvaged };
  if (failed.some(({ name }) => name === 'empty'))
    return new LifeboatError(
      'source_empty',
      `the database is empty (${names})`,
      `Check the path; if it may be empty, set inspection.allowEmpty.${kept}`,
      { facts },
    );
  if (failed.every(({ name }) => name === 'migrations' || name.startsWith('assertion')))
    return new LifeboatError(
      'source_unhealthy',
      `the database is not healthy (${names})`,
      `Repair what the check names, then back up again.${kept}`,
      { facts },
    );
  return new LifeboatError(
    'source_invalid',
    `the database is damaged (${names})`,
    `Restore the newest good backup, or repair it with the sqlite3 program's .recover.${kept}`,
    { facts },
  );
};

const sourceUrl = ({ source, origin }: DatabaseConfig): string => (origin.kind === 'file' ? pathToFileURL(origin.path).href : source);

const fileOf = ({ source, origin }: DatabaseConfig): string => {
  if (origin.kind === 'file') return origin.path;
  throw new LifeboatError('config_invalid', `the source ${source} is not supported by this version`, 'Give a path or a file: URL.');
};

/** Two files of the same name, given by their paths, must not be mixed into one history. */
const refuseStranger = (database: DatabaseConfig, manifests: readonly Manifest[]): void => {
  const newest = verified(manifests).at(-1);
  if (database.configured || !newest || newest.source === sourceUrl(database)) return;
  throw new LifeboatError(
    'usage',
    `the store has backups of another file under the name ${database.name}: ${newest.source}`,
    'Give each its own name in lifeboat.yaml, or use another --store.',
  );
};

type Work = { context: Context; database: DatabaseConfig; request: BackupRequest; id: string; attempt: string };

const manifestOf = ({ context, database, request, id }: Work, snapshot: Snapshot, inspection: Inspection, written: Written): Content => ({
  lifeboat: 1,
  id,
  database: database.name,
  kind: written.parent ? 'incremental' : 'full',
  salvage: false,
  parent: written.parent?.id ?? null,
  base: written.parent ? (written.parent.base ?? written.parent.id) : null,
  depth: written.parent ? written.parent.depth + 1 : 0,
  requestedAt: request.requestedAt.toISOString(),
  takenAt: snapshot.takenAt.toISOString(),
  reason: request.reason,
  slots: [],
  source: sourceUrl(database),
  sourceVersion: null,
  pageSize: written.pageSize,
  pageCount: snapshot.size / written.pageSize,
  size: snapshot.size,
  sha256: written.sha256,
  pages: written.parent ? written.runs.map(([first, count]): [number, number] => [first, count]) : null,
  objects: written.objects,
  encryption: database.recipients.length > 0 ? { recipients: [...database.recipients] } : null,
  chain: { salt: written.salt.toString('hex'), keyed: written.keyed },
  inspection: JSON.parse(JSON.stringify(inspection)) as Content['inspection'],
  expires: context.now().toISOString(),
  tool: context.tool,
});

/** Keeps a database that opens but fails its inspection apart from the backups, since it may be all there is today. */
const salvage = async (work: Work, writing: Writing, inspection: Inspection, written: Written): Promise<boolean> => {
  const { context, database } = work;
  const { manifests } = await context.catalog.list(database.name);
  if (inspection.schema === null || manifests.filter((each) => each.salvage).length >= MOST_SALVAGE) return false;
  const full = written.parent ? await writeFull({ ...writing, prefix: `${writing.prefix}salvage-` }, written) : written;
  if (!writing.snapshot.holds()) return false;
  const expires = new Date(context.now().getTime() + 14 * DAY).toISOString();
  return context.catalog.commit({ ...manifestOf(work, writing.snapshot, inspection, full), salvage: true, expires });
};

const commit = async (work: Work, snapshot: Snapshot, inspection: Inspection, written: Written): Promise<void> => {
  const { context, database, request } = work;
  const { catalog } = context;
  const { manifests } = await catalog.list(database.name);
  const slots = takeSlots(manifests, snapshot.takenAt, request.reason, database.retention, database.timeZone);
  const expires = expiryOf(snapshot.takenAt, slots, database.retention);
  await catalog.extendChain(written.chain, expires);
  await catalog.commit({ ...manifestOf(work, snapshot, inspection, written), slots, expires: expires.toISOString() });
  await catalog.reconcileHolds(database.name, database.retention.daily);
};

/** What compression and inspection found; `undefined` when the source was written to meanwhile, so that both saw no snapshot. */
const study = async (task: Writing, stop: AbortController) => {
  const { database, request, snapshot, signal } = task;
  const writing = writePages(task);
  const judging = inspect(snapshot.path, { ...database.inspection, assertions: database.assertions, signal });
  const watching = setInterval(() => {
    if (!snapshot.holds()) stop.abort();
  }, 500);
  // Nothing is committed before both have ended; when one fails the other is stopped, and waited for.
  for (const each of [writing, judging]) each.catch(() => stop.abort());
  const [written, inspected] = await Promise.allSettled([writing, judging]);
  clearInterval(watching);
  request.signal?.throwIfAborted();
  if (!snapshot.holds()) return undefined;
  // The one that failed first has stopped the other.
  for (const each of [written, inspected]) if (each.status === 'rejected' && !isStop(each.reason)) throw toLifeboatError(each.reason);
  if (written.status === 'rejected') throw toLifeboatError(written.reason);
  if (inspected.status === 'rejected') throw toLifeboatError(inspected.reason);
  return { written: written.value, inspection: inspected.value };
};

const isStop = (reason: unknown): boolean => toLifeboatError(reason).code === 'interrupted';

const attemptBackup = async (work: Work, directory: string, inPlace = true): Promise<void> => {
  const { context, database, request, id, attempt } = work;
  const stop = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
  const onProgress = (done: number, total: number) => request.onProgress?.('snapshot', done, total);
  const snapshot = await takeSnapshot(fileOf(database), { directory, signal, inPlace, onProgress });
  const prefix = `${backupPrefix(database.name, id)}${attempt}/`;
  const writing: Writing = { context, database, request, snapshot, pageSize: await pageSizeOf(snapshot.path), prefix, signal };
  const found = await study(writing, stop);
  if (!found) {
    context.log('INFO', `${database.name} was written to meanwhile; it is copied first now`, { database: database.name });
    return attemptBackup({ ...work, attempt: context.random(4).toString('hex') }, directory, false);
  }
  const { written, inspection } = found;
  if (inspection.verdict === 'failed') throw refusal(inspection, await salvage(work, writing, inspection, written));
  await commit(work, snapshot, inspection, written);
};

/** Makes one verified backup, or throws and leaves no entry in the catalog (a salvage copy at most). */
export const backup = async (
  context: Context,
  database: DatabaseConfig,
  request: BackupRequest,
): Promise<BackupDocument & { durationMs: number }> => {
  const { catalog, store, now } = context;
  const began = now();
  const id = backupId(request.requestedAt, request.key);
  const document = async (): Promise<BackupDocument & { durationMs: number }> => {
    const listing = await catalog.list(database.name);
    const manifest = listing.manifests.find((each) => each.id === id);
    if (!manifest)
      throw new LifeboatError(
        'internal',
        `the backup ${id} is not in the catalog after its commit`,
        'Run `lifeboat verify`, then the backup again.',
      );
    return { ...backupDocument(manifest, listing), durationMs: now().getTime() - began.getTime() };
  };
  if ((await catalog.read(database.name, id))?.salvage === false) return document();
  refuseStranger(database, (await catalog.list(database.name)).manifests);
  const attempt = context.random(4).toString('hex');
  const run = `${id}-${attempt}`;
  await startRun(store, database.name, run, 'backup', began);
  const ended = { run, operation: 'backup', startedAt: began.toISOString() };
  try {
    await withWorkspace(context.temporary, (directory) => attemptBackup({ context, database, request, id, attempt }, directory));
    const done = await document();
    await endRun(store, database.name, { ...ended, endedAt: now().toISOString(), ok: true, backup: { id, expires: done.expires } });
    return done;
  } catch (cause) {
    const error = request.signal?.aborted
      ? new LifeboatError('interrupted', 'the backup was interrupted', 'No backup was made; run it again.', { cause })
      : toLifeboatError(cause);
    context.log('ERROR', `backup of ${database.name} failed: ${error.message}`, { code: error.code, database: database.name, run });
    // A store that cannot take the record must not hide why the backup failed.
    await endRun(store, database.name, { ...ended, endedAt: now().toISOString(), ok: false, error: failureOf(error, now()) }).catch(
      (failure: unknown) => context.log('ERROR', `the end of the run could not be recorded: ${toLifeboatError(failure).message}`, { run }),
    );
    throw error;
  }
};
