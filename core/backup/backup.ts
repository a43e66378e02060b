import type { Manifest } from '../format/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { verified } from '../catalog/chain.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import { announce, announceStore } from '../alerts/announce.ts';
import { attemptBackup } from './take.ts';
import type { Context } from '../context.ts';
import { copyBackups, copyDocument } from '../upkeep/copies.ts';
import { startDeadline } from '../runs/deadline.ts';
import { backupDocument } from '../catalog/document.ts';
import {
  observedCopies,
  observedFailure,
  observedLost,
  observedSpace,
  observedSuccess,
  shortOf,
} from '../alerts/observations.ts';
import { checkStore } from './room.ts';
import { backupId, type BackupRequest } from '../runs/request.ts';
import { finishRun, logRun, madeOf } from '../runs/run.ts';
import { failureOf, startRun } from '../state/records.ts';
import { createSteps } from '../runs/steps.ts';
import { until } from '../runs/until.ts';
import type { Room } from '../space/room.ts';
import type { Observation } from '../alerts/rules.ts';
import type { RunRecord } from '../documents/run.ts';
import type { BackupResult } from '../documents/backup.ts';

/** Makes one verified backup, or throws and leaves no entry in the catalog (a salvage copy at most). */
export async function backup(
  unbound: Context,
  database: DatabaseConfig,
  request: BackupRequest,
): Promise<BackupResult> {
  using deadline = startDeadline(request.deadlineMs, request.signal);
  const context = until(unbound, deadline.over);
  const { catalog, store, now } = context;
  const began = now();
  const id = backupId(request.requestedAt, request.key);
  const document = async (copies: BackupResult['copies'] = []): Promise<BackupResult> => {
    const listing = await catalog.list(database.name);
    const manifest = listing.manifests.find((each) => each.id === id);
    // What was written and does not come back is no backup, whatever the store confirmed.
    const damaged = listing.damaged.find((each) => each.id === id);
    if (damaged) throw damaged.error;
    if (!manifest)
      throw new LifeboatError(
        'internal',
        `the backup ${id} is not in the catalog after its commit`,
        'Run `lifeboat verify`, then the backup again.',
      );
    return {
      ...backupDocument(manifest, listing),
      durationMs: now().getTime() - began.getTime(),
      copies,
    };
  };
  const run = `${id}-${context.random(4).toString('hex')}`;
  const about = { database: database.name, timeZone: database.timeZone };
  const steps = createSteps(() => performance.now(), request.onProgress);
  const ended = (rest: Pick<RunRecord, 'ok' | 'backup' | 'error'>): RunRecord => ({
    run,
    operation: 'backup',
    reason: request.reason,
    startedAt: began.toISOString(),
    endedAt: now().toISOString(),
    durationMs: now().getTime() - began.getTime(),
    steps: steps.durations(),
    ...rest,
  });
  const say = (observations: readonly Observation[]) =>
    announce(context, about, observations, { runId: run });
  const sayOfStore = async (at: Date): Promise<void> => {
    const observations = observedSpace(store.url, room, { run, at });
    if (observations.length > 0) await announceStore(context, database.timeZone, observations, run);
  };
  let started = false;
  let room: Room | undefined;
  try {
    if ((await catalog.read(database.name, id))?.salvage === false) {
      // Whoever made it may have died before it was held, and before it could say so.
      await catalog.reconcileHolds(database.name, database.retention.daily);
      const made = await document();
      await say(observedSuccess(['backup', 'late'], { run, at: new Date(made.takenAt) }));
      return made;
    }
    const source = await context.openSource(database);
    refuseStranger(database, source.url, (await catalog.list(database.name)).manifests);
    const { deadlineMs } = request;
    await startRun(store, database.name, {
      run,
      operation: 'backup',
      startedAt: began.toISOString(),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    started = true;
    room = await steps.run('space', () => checkStore(context));
    const short = shortOf(store.url, room);
    if (short)
      context.log('WARNING', short.message, {
        event: 'space',
        database: database.name,
        run,
        hint: short.hint,
      });
    const work = { context, database, request, id, attempt: context.random(4).toString('hex') };
    await withWorkspace(context.temporary, (directory) =>
      attemptBackup(work, source, directory, steps, deadline.signal),
    );
    const copied = await steps.run('copy', () =>
      copyBackups(
        until(unbound, deadline.signal),
        database.name,
        database.retention.daily,
        deadline.signal,
      ),
    );
    const done = await document(copied.map(copyDocument));
    const lost = await finishRun(context, database.name, ended({ ok: true, backup: madeOf(done) }));
    // By itself: what died is told before what ended it.
    if (lost.length > 0) await say(lost.map(observedLost));
    const when = { run, at: now() };
    await say([...observedSuccess(['backup', 'late'], when), ...observedCopies(done.copies, when)]);
    await sayOfStore(when.at);
    return done;
  } catch (cause) {
    const error = request.signal?.aborted
      ? new LifeboatError(
          'interrupted',
          'the backup was interrupted',
          'No backup was made; run it again.',
          { cause },
        )
      : deadline.passed()
        ? deadline.error(steps.position(), cause)
        : toLifeboatError(cause);
    const failed = ended({ ok: false, error: failureOf(error, now(), steps.failed()) });
    const when = { run, at: now() };
    const lost = started ? await finishRun(context, database.name, failed, cause) : [];
    if (!started) logRun(context, database.name, failed, cause);
    await say([
      ...lost.map(observedLost),
      observedFailure(error, { step: steps.failed() ?? 'start', ...when }),
    ]);
    await sayOfStore(when.at);
    throw error;
  }
}

/** Two files of the same name, given by their paths, must not be mixed into one history. */
function refuseStranger(
  database: DatabaseConfig,
  url: string,
  manifests: readonly Manifest[],
): void {
  const newest = verified(manifests).at(-1);
  if (database.configured || !newest || newest.source === url) return;
  throw new LifeboatError(
    'usage',
    `the store has backups of another file under the name ${database.name}: ${newest.source}`,
    'Give each its own name in lifeboat.yaml, or use another --store.',
  );
}
