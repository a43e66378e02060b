import { toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/format.ts';
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
 * Logs how a run ended, records it, then updates the summary. Returns earlier runs that died. Never
 * throws.
 */
export async function finishRun(
  context: Context,
  database: string,
  ended: RunRecord,
  { cause, listing }: FinishOptions = {},
): Promise<RunStart[]> {
  const { store, log, now } = context;
  const closed: RunStart[] = [];
  logRun(context, database, ended, cause);
  await guarded(context, database, 'the end of the run', () => endRun(store, database, ended));
  await guarded(context, database, 'the end of an earlier run', async () => {
    for (const lost of await lostRuns(store, database, now())) {
      log('ERROR', `an earlier run of ${database} died before it ended: ${lost.run}`, {
        event: 'lost-run',
        database,
        run: lost.run,
      });
      await closeLost(store, database, lost, now());
      closed.push(lost);
    }
  });
  await guarded(context, database, 'the summary', () =>
    updateState(context, database, (state) => withRun(context, state, ended, listing), listing),
  );
  return closed;
}

/**
 * One event with every figure of a run, so that metrics need no parsing of text: infra/metrics
 * reads these names.
 */
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

function sentence(
  database: string,
  { operation, ok, backup, error, durationMs }: RunRecord,
): string {
  if (!ok) return `${operation} of ${database} failed: ${error?.message ?? 'unknown'}`;
  const result = backup
    ? ` ${backup.id}: ${backup.kind}, ${backup.pages.stored} of ${backup.pages.count} pages, verdict ${backup.verdict}`
    : '';
  return `${operation} of ${database} done in ${formatTook(ENGLISH, durationMs)}${result}`;
}

/** Each part by itself: a store that refuses the record must not hide how the run ended. */
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
