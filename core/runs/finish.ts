import { toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';
import type { Context } from '../context.ts';
import type { Listing } from '../catalog/listing.ts';
import { closeLost, lostRuns } from '../state/lost-runs.ts';
import { endRun } from '../state/records.ts';
import { updateState, withRun } from '../state/state.ts';
import type { RunRecord, RunStart } from '../documents/run.ts';

export type FinishOptions = {
  /** What the run failed with, for the log. */
  readonly cause?: unknown;
  /** The catalog as the run left it; without it the summary lists the catalog again. */
  readonly listing?: Listing | undefined;
};

/**
 * Logs how a run ended, records it, then updates the summary. Returns the earlier runs that crashed.
 * Never throws.
 */
export async function finishRun(
  context: Context,
  database: string,
  record: RunRecord,
  { cause, listing }: FinishOptions = {},
): Promise<RunStart[]> {
  const { store, log, now } = context;
  const crashes: RunStart[] = [];
  logRun(context, database, record, cause);
  await guarded(context, database, 'the end of the run', () => endRun(store, database, record));
  await guarded(context, database, 'the end of an earlier run', async () => {
    for (const start of await lostRuns(store, database, now())) {
      log('ERROR', `an earlier run of ${database} crashed before it ended: ${start.run}`, {
        event: 'lost-run',
        database,
        run: start.run,
      });
      await closeLost(store, database, start, now());
      crashes.push(start);
    }
  });
  await guarded(context, database, 'the summary', () =>
    updateState(context, database, (state) => withRun(context, state, record, listing), listing),
  );
  return crashes;
}

/** Logs one event with every figure of a run. The log-based metrics in infra/ read these names. */
export function logRun(
  { log }: Context,
  database: string,
  record: RunRecord,
  cause?: unknown,
): void {
  const { run, operation, reason, ok, startedAt, durationMs, steps, backup, error } = record;
  log(ok ? 'INFO' : 'ERROR', sentence(database, record), {
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

function sentence(
  database: string,
  { operation, ok, backup, error, durationMs }: RunRecord,
): string {
  if (!ok) return `${operation} of ${database} failed: ${error?.message ?? 'unknown'}`;
  const result = backup
    ? `: ${backup.id}, ${backup.kind}, ${backup.pages.stored} of ${backup.pages.count} pages, verdict ${backup.verdict}`
    : '';
  return `${operation} of ${database} done in ${formatTook(ENGLISH, durationMs)}${result}`;
}

/** A store that refuses one part must not prevent the others. */
async function guarded(
  { log }: Context,
  database: string,
  subject: string,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message, code, hint } = toLifeboatError(error);
    log('ERROR', `${subject} of ${database} could not be stored: ${message}`, {
      event: 'record',
      database,
      code,
      hint,
      cause: error,
    });
  }
}
