import { open } from 'node:fs/promises';
import { backupPrefix } from '../format/manifest.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { refuseOver } from '../lib/bytes/size-limit.ts';
import type { Run } from '../runs/run.ts';
import type { Source } from '../source/source.ts';
import { sizeLimitOf } from '../space/limit.ts';
import { pageSizeOf } from '../sqlite/header.ts';
import { inspect } from '../sqlite/inspect.ts';
import { isPrivateCopy } from '../sqlite/snapshot/snapshot.ts';
import type { Inspection } from '../sqlite/types.ts';
import { checkHealth } from './health.ts';
import type { Plan } from './plan.ts';
import { questionsOf, reusableVersion } from './reuse.ts';
import { checkSpace } from './room.ts';
import { writePages, writeUnchanged, type PageWriting, type Taken, type Written } from './write.ts';

/** Where a snapshot goes, and what keeps its files open. */
export type Place = { readonly directory: string; readonly resources: DisposableStack };

/**
 * Pulls a snapshot into a folder, stores and inspects it; as a copy when the source changed
 * while it was read in place. Commits nothing.
 */
export async function take(run: Run, source: Source, plan: Plan, place: Place): Promise<Taken> {
  for (let inPlace = true; ; inPlace = false) {
    const snapshot = await attempt(run, source, plan, { ...place, inPlace });
    if (snapshot) return snapshot;
    const { name } = plan.database;
    run.context.log('INFO', `${name} changed while Lifeboat read it; reading a copy instead`, {
      event: 'snapshot',
      database: name,
    });
  }
}

/**
 * `undefined` when somebody wrote to the source meanwhile, so that what was read is no snapshot.
 */
async function attempt(
  run: Run,
  source: Source,
  plan: Plan,
  place: Place & { readonly inPlace: boolean },
): Promise<Taken | undefined> {
  const { context, steps } = run;
  const { database } = plan;
  const stop = new AbortController();
  const signal = AbortSignal.any([run.signal, stop.signal]);
  const health = await steps.run('health', () => checkHealth(database, signal));
  const { sandboxLimit, limit } = await steps.run('space', () =>
    checkSpace(context, database, source, signal),
  );
  const pull = (known: string | undefined) =>
    steps.run('snapshot', () =>
      source.pull({
        ...place,
        limit,
        signal,
        onProgress: steps.progress('snapshot', 'snapshot'),
        known,
      }),
    );
  let delivery = await pull(reusableVersion(plan));
  const random = context.random(4).toString('hex');
  const prefix = `${backupPrefix(database.name, plan.id)}${random}/`;
  const { directory } = place;
  const writing = { context, plan, prefix, signal, directory };
  if (delivery === 'unchanged') {
    const unchanged = await steps.run('write', () =>
      writeUnchanged({ ...writing, snapshot: undefined }),
    );
    if (unchanged) return { ...unchanged, health };
    delivery = await pull(undefined);
  }
  if (delivery === 'unchanged') throw neverPulled(plan);
  refuseOver(sizeLimitOf(database), delivery.size);
  const pageSize = await readPageSize(delivery.path);
  const full = { ...writing, snapshot: delivery, pageSize, steps };
  const results = await writeAndInspect(full, sandboxLimit, stop, run.signal);
  const { takenAt, version, size } = delivery;
  return (
    results && { ...results, takenAt, version, size, health, snapshot: delivery, attempt: prefix }
  );
}

function neverPulled({ database: { name } }: Plan): LifeboatError {
  return new LifeboatError(
    'source_unreachable',
    `the source of ${name} reports no change, but no backup can be reused`,
    `Run \`lifeboat backup ${name} --kind full\`.`,
  );
}

async function readPageSize(path: string): Promise<number> {
  await using file = await open(path, 'r');
  const { buffer } = await file.read(Buffer.alloc(18), 0, 18, 0);
  return pageSizeOf(buffer);
}

/**
 * Both at once: when one fails the other is stopped, and both are waited for. `undefined` when the
 * snapshot did not hold.
 */
async function writeAndInspect(
  writing: PageWriting,
  sandboxLimit: number,
  stop: AbortController,
  interrupted: AbortSignal,
): Promise<(Written & { inspection: Inspection }) | undefined> {
  const { snapshot, steps } = writing;
  const pages = steps.run('write', () => writePages(writing));
  const inspecting = steps.run('inspect', () => inspectSnapshot(writing, sandboxLimit));
  const watching = setInterval(() => {
    if (!snapshot.holds()) stop.abort();
  }, 500);
  for (const each of [pages, inspecting]) each.catch(() => stop.abort());
  const [written, inspected] = await Promise.allSettled([pages, inspecting]);
  clearInterval(watching);
  interrupted.throwIfAborted();
  if (!snapshot.holds()) return undefined;
  // The first failure has stopped the other piece of work, so that one is the reason.
  for (const each of [written, inspected])
    if (each.status === 'rejected' && !isStop(each.reason)) throw toLifeboatError(each.reason);
  if (written.status === 'rejected') throw toLifeboatError(written.reason);
  if (inspected.status === 'rejected') throw toLifeboatError(inspected.reason);
  return { ...written.value, inspection: inspected.value };
}

function inspectSnapshot(
  { plan, snapshot, signal }: PageWriting,
  sandboxLimit: number,
): Promise<Inspection> {
  const { timeoutMs } = plan.database.inspection;
  const isPrivate = isPrivateCopy(snapshot);
  const questions = { ...questionsOf(plan), isPrivate, sandboxLimit, timeoutMs, signal };
  return inspect(snapshot.path, questions);
}

function isStop(reason: unknown): boolean {
  return toLifeboatError(reason).code === 'interrupted';
}
