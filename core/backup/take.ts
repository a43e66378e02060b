import { open } from 'node:fs/promises';
import { backupPrefix } from '../format/manifest.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Pulled, Source } from '../source/source.ts';
import { pageSizeOf } from '../sqlite/header.ts';
import { inspect } from '../sqlite/inspect.ts';
import { commit, salvage } from './commit.ts';
import type { Subject, Work } from './describe.ts';
import { judgeSnapshot } from './verdict.ts';
import { checkHealth, checkSpace } from './room.ts';
import { refusal } from './refusal.ts';
import type { Steps } from '../runs/steps.ts';
import { reusable, writeUnchanged } from './plan.ts';
import { until } from '../runs/until.ts';
import { writePages, type Writing } from './write.ts';

/** Pulls, judges, writes and commits once. Throws, and then nothing is committed but a salvage copy at most. */
export async function attemptBackup(
  work: Work,
  source: Source,
  directory: string,
  steps: Steps,
  interrupted: AbortSignal,
  inPlace = true,
): Promise<void> {
  const { context, database, id, attempt } = work;
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupted, stop.signal]);
  const asked = await steps.run('health', () => checkHealth(database, signal));
  const sandboxLimit = await steps.run('space', () =>
    checkSpace(context, database, source, signal),
  );
  const known = await reusable(work);
  const pulled = await steps.run('snapshot', () =>
    source.pull({
      directory,
      signal,
      inPlace,
      onProgress: steps.progress('snapshot', 'snapshot'),
      ...(known?.sourceVersion ? { known: known.sourceVersion } : {}),
    }),
  );
  const prefix = `${backupPrefix(database.name, id)}${attempt}/`;
  if (pulled === 'unchanged') {
    const { written, subject, inspection } = await steps.run('write', () =>
      writeUnchanged(work, source.url, known, prefix),
    );
    return steps.run('commit', () => commit(work, subject, inspection, written));
  }
  const writing: Writing = {
    context: until(context, signal),
    database,
    request: {
      ...work.request,
      onProgress: (label, done, total) => steps.progress('write', label)(done, total),
    },
    snapshot: pulled,
    pageSize: await readPageSize(pulled.path),
    prefix,
    signal,
  };
  const found = await study(writing, sandboxLimit, stop, steps, interrupted);
  if (!found) {
    context.log('INFO', `${database.name} was written to meanwhile; it is copied first now`, {
      event: 'snapshot',
      database: database.name,
    });
    return attemptBackup(
      { ...work, attempt: context.random(4).toString('hex') },
      source,
      directory,
      steps,
      interrupted,
      false,
    );
  }
  const { written } = found;
  const inspection = await steps.run('judge', () =>
    judgeSnapshot(work, pulled.size, asked, found.inspection),
  );
  const subject = subjectOf(source, pulled);
  if (inspection.verdict === 'failed')
    return steps.run('judge', async () => {
      throw refusal(inspection, await salvage(work, writing, subject, inspection, written));
    });
  return steps.run('commit', () => commit(work, subject, inspection, written));
}

async function readPageSize(path: string): Promise<number> {
  await using file = await open(path, 'r');
  const { buffer } = await file.read(Buffer.alloc(18), 0, 18, 0);
  return pageSizeOf(buffer);
}

/** What compression and inspection found; `undefined` when the source was written to meanwhile, so that both saw no snapshot. */
async function study(
  task: Writing,
  sandboxLimit: number,
  stop: AbortController,
  steps: Steps,
  interrupted: AbortSignal,
) {
  const { database, request, snapshot, signal } = task;
  const { framework, expect } = database.health.migrations;
  const migrations = { framework, expect: [...expect, ...(request.expectMigrations ?? [])] };
  const writing = steps.run('write', () => writePages(task));
  const judging = steps.run('inspect', () =>
    inspect(snapshot.path, {
      ...database.inspection,
      sandboxLimit,
      assertions: database.assertions,
      migrations,
      signal,
    }),
  );
  const watching = setInterval(() => {
    if (!snapshot.holds()) stop.abort();
  }, 500);
  // Nothing is committed before both have ended; when one fails the other is stopped, and waited for.
  for (const each of [writing, judging]) each.catch(() => stop.abort());
  const [written, inspected] = await Promise.allSettled([writing, judging]);
  clearInterval(watching);
  interrupted.throwIfAborted();
  if (!snapshot.holds()) return undefined;
  // The one that failed first has stopped the other.
  for (const each of [written, inspected])
    if (each.status === 'rejected' && !isStop(each.reason)) throw toLifeboatError(each.reason);
  if (written.status === 'rejected') throw toLifeboatError(written.reason);
  if (inspected.status === 'rejected') throw toLifeboatError(inspected.reason);
  return { written: written.value, inspection: inspected.value };
}

function isStop(reason: unknown): boolean {
  return toLifeboatError(reason).code === 'interrupted';
}

function subjectOf(source: Source, { version, takenAt, size }: Pulled): Subject {
  return {
    url: source.url,
    version,
    takenAt,
    size,
  };
}
