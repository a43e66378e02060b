import { toLifeboatError } from '../lib/errors.ts';
import type { Context } from '../context.ts';
import { closeLost, endRun, lostRuns } from '../state/records.ts';
import { updateState, withRun } from '../state/state.ts';
import type { BackupDocument } from '../documents/backup.ts';
import type { RunBackup, RunRecord, RunStart } from '../documents/run.ts';

export function madeOf({
  id,
  kind,
  verdict,
  size,
  storedBytes,
  pages,
  expires,
}: BackupDocument): RunBackup {
  return {
    id,
    kind,
    verdict,
    size,
    storedBytes,
    pages: { count: pages.count, stored: pages.stored },
    expires,
  };
}

/** One event with every figure of a run, so that metrics need no parsing of text: infra/metrics reads these names. */
export function logRun(
  { log }: Context,
  database: string,
  ended: RunRecord,
  cause?: unknown,
): void {
  const { run, operation, reason, ok, startedAt, durationMs, steps, backup, error } = ended;
  log(ok ? 'INFO' : 'ERROR', sentence(database, ended), {
    event: 'run',
    operation,
    database,
    run,
    reason,
    ok,
    startedAt,
    durationMs,
    steps: Object.fromEntries(Object.entries(steps).map(([step, ms]) => [`${step}Ms`, ms])),
    ...(backup
      ? {
          backup: backup.id,
          kind: backup.kind,
          verdict: backup.verdict,
          bytes: { size: backup.size, stored: backup.storedBytes },
          pages: backup.pages,
        }
      : {}),
    ...(error ? { code: error.code, hint: error.hint, step: error.step, cause } : {}),
  });
}

/** Logs first, then records that the run ended, then brings the summary up to date. Answers with earlier runs that died. Throws nothing. */
export async function finishRun(
  context: Context,
  database: string,
  ended: RunRecord,
  cause?: unknown,
): Promise<RunStart[]> {
  const closed: RunStart[] = [];
  logRun(context, database, ended, cause);
  await guarded(context, database, 'the end of the run', () =>
    endRun(context.store, database, ended),
  );
  await guarded(context, database, 'the end of an earlier run', async () => {
    for (const lost of await lostRuns(context.store, database, context.now())) {
      context.log('ERROR', `a run of ${database} ended without a word: ${lost.run}`, {
        event: 'lost-run',
        database,
        run: lost.run,
      });
      await closeLost(context.store, database, lost, context.now());
      closed.push(lost);
    }
  });
  await guarded(context, database, 'the summary', () =>
    updateState(context, database, (state) => withRun(context, state, ended)),
  );
  return closed;
}

function sentence(
  database: string,
  { operation, ok, backup, error, durationMs }: RunRecord,
): string {
  if (!ok) return `${operation} of ${database} failed: ${error?.message ?? 'unknown'}`;
  const what = backup
    ? ` ${backup.id}: ${backup.kind}, ${backup.pages.stored} of ${backup.pages.count} pages, verdict ${backup.verdict}`
    : '';
  return `${operation} of ${database} done in ${(durationMs / 1000).toFixed(1)} s${what}`;
}

/** Each part on its own: a store that cannot take a record must not hide how the run ended, nor the summary that it did. */
async function guarded(
  { log }: Context,
  database: string,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message, code, hint } = toLifeboatError(error);
    log('ERROR', `${what} of ${database} could not be stored: ${message}`, {
      event: 'record',
      database,
      code,
      hint,
      cause: error,
    });
  }
}
