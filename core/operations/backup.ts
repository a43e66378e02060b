import type { Made } from '../app-types.ts';
import type { Manifest } from '../archive/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../errors.ts';
import { verified } from '../policy/chain.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import { attemptBackup } from './attempt.ts';
import type { Context } from './context.ts';
import { copyBackups, copyDocument } from './copies.ts';
import { startDeadline } from './deadline.ts';
import { backupDocument } from './documents.ts';
import { backupId, type BackupRequest } from './request.ts';
import { finishRun, logRun, madeOf } from './finish.ts';
import { failureOf, startRun, type Ended } from './runs.ts';
import { createSteps } from './steps.ts';

/** Two files of the same name, given by their paths, must not be mixed into one history. */
const refuseStranger = (database: DatabaseConfig, url: string, manifests: readonly Manifest[]): void => {
  const newest = verified(manifests).at(-1);
  if (database.configured || !newest || newest.source === url) return;
  throw new LifeboatError(
    'usage',
    `the store has backups of another file under the name ${database.name}: ${newest.source}`,
    'Give each its own name in lifeboat.yaml, or use another --store.',
  );
};

/** Makes one verified backup, or throws and leaves no entry in the catalog (a salvage copy at most). */
export const backup = async (context: Context, database: DatabaseConfig, request: BackupRequest): Promise<Made> => {
  const { catalog, store, now } = context;
  const began = now();
  const id = backupId(request.requestedAt, request.key);
  const document = async (copies: Made['copies'] = []): Promise<Made> => {
    const listing = await catalog.list(database.name);
    const manifest = listing.manifests.find((each) => each.id === id);
    if (!manifest)
      throw new LifeboatError(
        'internal',
        `the backup ${id} is not in the catalog after its commit`,
        'Run `lifeboat verify`, then the backup again.',
      );
    return { ...backupDocument(manifest, listing), durationMs: now().getTime() - began.getTime(), copies };
  };
  const run = `${id}-${context.random(4).toString('hex')}`;
  const steps = createSteps(() => performance.now(), request.onProgress);
  using deadline = startDeadline(request.deadlineMs, request.signal);
  const ended = (rest: Pick<Ended, 'ok' | 'backup' | 'error'>): Ended => ({
    run,
    operation: 'backup',
    reason: request.reason,
    startedAt: began.toISOString(),
    endedAt: now().toISOString(),
    durationMs: now().getTime() - began.getTime(),
    steps: steps.durations(),
    ...rest,
  });
  let started = false;
  try {
    if ((await catalog.read(database.name, id))?.salvage === false) {
      // Who made it may have died before it was held.
      await catalog.reconcileHolds(database.name, database.retention.daily);
      return await document();
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
    const work = { context, database, request, id, attempt: context.random(4).toString('hex') };
    await withWorkspace(context.temporary, (directory) => attemptBackup(work, source, directory, steps, deadline.signal));
    const copied = await steps.run('copy', () => copyBackups(context, database.name, database.retention.daily, deadline.signal));
    const done = await document(copied.map(copyDocument));
    await finishRun(context, database.name, ended({ ok: true, backup: madeOf(done) }));
    return done;
  } catch (cause) {
    const error = request.signal?.aborted
      ? new LifeboatError('interrupted', 'the backup was interrupted', 'No backup was made; run it again.', { cause })
      : deadline.passed()
        ? deadline.error(steps.position(), cause)
        : toLifeboatError(cause);
    const failed = ended({ ok: false, error: failureOf(error, now(), steps.failed()) });
    if (started) await finishRun(context, database.name, failed);
    else logRun(context, database.name, failed);
    throw error;
  }
};
