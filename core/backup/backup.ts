// Makes one verified backup: plan, hook, take, judge, commit, then the copies and the other hook.
// Promises that nothing is listed unless it was checked and stored whole; a failed run leaves a
// salvage copy at most. Imports runs, upkeep, alerts and everything below them.
import type { CopyDocument, BackupDocument, BackupResult } from '../documents/backup.ts';
import type { RunBackup } from '../documents/run.ts';
import type { DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import type { Source } from '../source/source.ts';
import type { Room } from '../space/room.ts';
import {
  observedCopies,
  observedFailure,
  observedSpace,
  observedSuccess,
  shortOf,
  type RunMoment,
} from '../alerts/observations.ts';
import { backupDocument } from '../catalog/document.ts';
import type { Listing } from '../catalog/listing.ts';
import { manifestBundleGeneration, saveManifestBundle } from '../catalog/manifest-bundle.ts';
import { manifestKey } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ping } from '../lib/ping.ts';
import { boundContext } from '../runs/deadline.ts';
import type { BackupRequest } from '../runs/request.ts';
import { recordedRun, type Run, type RunEnd } from '../runs/run.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import { copyBackups, copyDocument } from '../upkeep/copies.ts';
import { commit, salvage } from './commit.ts';
import { createHooks } from './hooks.ts';
import { idOf, planBackup, type Plan } from './plan.ts';
import { checkStoreRoom } from './room.ts';
import { take } from './take.ts';
import { judge, refusal } from './verdict.ts';

// Three attempts and their pauses fit into what a run reserves before its deadline (20 s).
const BACKUP_PING_TIMEOUT_MS = 3000;

/**
 * Makes one verified backup, or throws and leaves no entry in the catalog (a salvage copy at most).
 */
export async function backup(
  context: Context,
  database: DatabaseConfig,
  request: BackupRequest,
): Promise<BackupResult> {
  const hooks = createHooks(database);
  let room: Room | undefined;
  const storeObservations = (moment: RunMoment) => observedSpace(context.store.url, room, moment);
  const failureEnd = ({ steps }: Run, error: LifeboatError): RunEnd<BackupResult> => ({
    error,
    step: steps.failed(),
    observations: (moment) => [
      observedFailure(error, { step: steps.failed() ?? 'start', ...moment }),
      ...hooks.observations(moment),
    ],
    storeObservations,
  });
  // Not with a command: a database that is named by its path has no name in lifeboat.yaml.
  const hint = 'No backup was made. Run the backup again.';
  const subject = { operation: 'backup', database, ...request, hint, failureEnd } as const;
  const result = await recordedRun(context, subject, async (run) => {
    const before = await run.context.catalog.list(database.name);
    const id = idOf(before, database.name, request);
    const existing = await existingBackup(run, database, id, before);
    if (existing) return existing;
    const source = await run.context.openSource(database);
    const plan = planBackup(run.context, before, { id, database, request, source: source.url });
    await run.start();
    const { document, listing } = await hooks.around(run, id, async () => {
      room = await run.steps.run('space', () => checkStoreRoom(run.context));
      warnOfRoom(run, database.name, room);
      const bundle = await manifestBundleGeneration(run.context.store, database.name);
      const manifest = await makeBackup(run, source, plan);
      await saveManifestBundle(run.context, database.name, manifest, bundle);
      const copies = await copy(run, database);
      return { document: backupResult(run, id, manifest, copies), listing: manifest };
    });
    return {
      result: { ...document, ...hooks.document(), durationMs: run.durationMs() },
      backup: recordOf(document),
      listing,
      observations: (moment) => [
        ...observedSuccess(['backup', 'late'], moment),
        ...observedCopies(document.copies, moment),
        ...hooks.observations(moment),
      ],
      storeObservations,
    };
  });
  // After the alerts, which a service that is slow must not delay.
  if (database.ping !== undefined)
    await ping(database.ping, { log: context.log, patienceMs: BACKUP_PING_TIMEOUT_MS });
  return result;
}

/** From the snapshot to the commit; the catalog afterwards. */
function makeBackup(run: Run, source: Source, plan: Plan): Promise<Listing> {
  const { context, steps } = run;
  return withWorkspace(context.temporary, async (directory) => {
    using resources = new DisposableStack();
    const snapshot = await take(run, source, plan, { directory, resources });
    const verdict = await steps.run('judge', async () => judge(plan, snapshot));
    if (verdict.failed)
      await steps.run('judge', async () => {
        throw refusal(verdict, await salvage(run, plan, snapshot, verdict));
      });
    return steps.run('commit', () => commit(context, plan, snapshot, verdict));
  });
}

/**
 * The backup of an earlier run with the same request, which may have died before it set the holds
 * or announced it.
 */
async function existingBackup(
  run: Run,
  { retention }: DatabaseConfig,
  id: string,
  before: Listing,
): Promise<RunEnd<BackupResult> | undefined> {
  const unreadable = before.damaged.find((each) => each.id === id);
  if (unreadable) throw unreadable.error;
  if (!before.manifests.some((each) => each.id === id)) return undefined;
  const listing = await run.context.catalog.holdListed(before, retention.daily);
  const result = backupResult(run, id, listing, []);
  const at = new Date(result.takenAt);
  return {
    result,
    observations: ({ run: by }) => observedSuccess(['backup', 'late'], { run: by, at }),
  };
}

async function copy(
  { context, signal, steps }: Run,
  { name, retention }: DatabaseConfig,
): Promise<CopyDocument[]> {
  const copies = await steps.run('copy', () =>
    copyBackups(boundContext(context, signal), name, retention.daily, signal),
  );
  return copies.map(copyDocument);
}

function warnOfRoom({ name, context }: Run, database: string, room: Room | undefined): void {
  const short = shortOf(context.store.url, room);
  if (short)
    context.log('WARNING', short.message, {
      event: 'space',
      database,
      run: name,
      hint: short.hint,
    });
}

/**
 * The committed backup as the store gives it back. A manifest that comes back damaged is no backup,
 * whatever the store confirmed.
 */
function backupResult(
  run: Run,
  id: string,
  listing: Listing,
  copies: CopyDocument[],
): BackupResult {
  const damaged = listing.damaged.find((each) => each.id === id);
  if (damaged) throw damaged.error;
  const manifest = listing.manifests.find((each) => each.id === id);
  if (!manifest)
    throw new LifeboatError(
      'internal',
      `the store does not list the backup ${id} after its commit`,
      'Run `lifeboat verify` on this database, then the backup again.',
    );
  if (manifest.salvage)
    throw new LifeboatError(
      'internal',
      `another run of the same request found the database damaged, and kept a salvage copy as ${id}`,
      'Run the backup again.',
    );
  const document = backupDocument(manifest, listing);
  const isGone = !listing.objects.has(manifestKey(manifest.database, id));
  if (isGone || document.fault?.level === 'damaged')
    throw new LifeboatError(
      'backup_damaged',
      `the backup ${id} of ${manifest.database} ${isGone ? 'was deleted' : 'is damaged'} right after its commit${document.fault ? `: ${document.fault.reason}` : ''}`,
      'Run the backup again. If another machine writes to this store, compare their clocks.',
    );
  return { ...document, durationMs: run.durationMs(), copies };
}

function recordOf({
  id,
  kind,
  verdict,
  size,
  storedBytes,
  pages: { count, stored },
  expires,
}: BackupDocument): RunBackup {
  return { id, kind, verdict, size, storedBytes, pages: { count, stored }, expires };
}
