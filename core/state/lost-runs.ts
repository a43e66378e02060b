import { CLOCK_TOLERANCE_MS } from '../catalog/soundness.ts';
import type { RunRecord, RunStart } from '../documents/run.ts';
import { DAY_MS, MINUTE_MS } from '../lib/text/time.ts';
import type { Store } from '../store/store.ts';
import { endRun, openRuns } from './records.ts';

/** The deadline of a run that was given none. After it, a run is taken for crashed. */
export const LONGEST_MS = DAY_MS;
const GRACE_MS = 10 * MINUTE_MS;

/** The runs that must have ended, and left no record of their end: they crashed. */
export async function lostRuns(store: Store, database: string, now: Date): Promise<RunStart[]> {
  return (await openRuns(store, database)).filter((start) => isLost(start, now));
}

/** Whether a run began so long ago that it must have ended. */
export function isLost({ startedAt, deadlineMs = LONGEST_MS }: RunStart, now: Date): boolean {
  return now.getTime() > Date.parse(startedAt) + deadlineMs + GRACE_MS;
}

/**
 * Whether a run can be in progress. A record that claims to start in the future, or to run for
 * days, proves nothing: anyone who writes below `runs/` may have planted it.
 */
export function isRunning(start: RunStart, now: Date): boolean {
  const age = now.getTime() - Date.parse(start.startedAt);
  return age >= -CLOCK_TOLERANCE_MS && age <= LONGEST_MS && !isLost(start, now);
}

export function lostFailure({ operation, startedAt }: Pick<RunStart, 'operation' | 'startedAt'>) {
  return {
    code: 'internal' as const,
    message: `the ${operation} that began at ${startedAt} crashed without recording its end`,
    hint: 'It was killed, or ran out of memory or time. Look at the log of that time, and give it more of what was short.',
  };
}

/** Closes the record of a crashed run, so that it is reported once. */
export async function closeLost(
  store: Store,
  database: string,
  start: RunStart,
  now: Date,
): Promise<void> {
  const { run, operation, startedAt } = start;
  const record: RunRecord = {
    run,
    operation,
    reason: 'unknown',
    startedAt,
    endedAt: now.toISOString(),
    ok: false,
    durationMs: now.getTime() - Date.parse(startedAt),
    steps: {},
    error: { at: now.toISOString(), ...lostFailure(start) },
  };
  await endRun(store, database, record);
}
