// A run is one backup or restore test of one database. It is recorded in the store when it starts
// and when it ends, logged, shown in the summary, and announced; a run that dies leaves a start
// without an end. Imports alerts, state and everything below them; knows no operation.
import type { Listing } from '../catalog/listing.ts';
import type { DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import type { RunBackup, RunRecord } from '../documents/run.ts';
import { announce, announceStore } from '../alerts/announce.ts';
import type { Observation } from '../alerts/rules.ts';
import { observedLost, type RunMoment } from '../alerts/observations.ts';
import { CLOCK_TOLERANCE_MS } from '../catalog/soundness.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatLasting } from '../lib/text/format.ts';
import type { Progress } from '../lib/progress.ts';
import { runFailureOf, startRun } from '../state/records.ts';
import { boundContext, startDeadline } from './deadline.ts';
import { finishRun, logRun } from './finish.ts';
import { backupId } from './request.ts';
import { createSteps, type Steps } from './steps.ts';

export type RunSubject<T> = {
  readonly operation: 'backup' | 'restore-test';
  readonly database: DatabaseConfig;
  readonly reason: string;
  /** The name of the run is made from this and `requestedAt`. */
  readonly key: string;
  /** The start of the run when absent. */
  readonly requestedAt?: Date | undefined;
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Progress | undefined;
  /** What to do after an interruption. */
  readonly hint: string;
  /** The end of a run whose work threw. An error that it throws leaves no record. */
  readonly failureEnd: (run: Run, error: LifeboatError) => RunEnd<T>;
};

export type Run = {
  readonly name: string;
  readonly startedAt: Date;
  /**
   * Its stores reject ten seconds after `signal` aborts, which leaves time for the record and the
   * notifications.
   */
  readonly context: Context;
  /** Aborts at the deadline, or with the caller's signal. */
  readonly signal: AbortSignal;
  readonly steps: Steps;
  readonly durationMs: () => number;
  /** Records the start. */
  readonly start: () => Promise<void>;
};

export type RunEnd<T> = {
  /** Returned to the caller; when undefined, `error` is thrown instead. */
  readonly result?: T;
  readonly error?: LifeboatError | undefined;
  /** The step that failed. */
  readonly step?: string | undefined;
  /** By default, whether the run has started. */
  readonly recorded?: boolean;
  readonly backup?: RunBackup;
  /** The catalog as the run left it, for the summary. */
  readonly listing?: Listing;
  readonly steps?: RunRecord['steps'];
  readonly endedAt?: Date;
  /** Stores more about the run, after its record and before anything is announced. Never throws. */
  readonly report?: () => Promise<void>;
  readonly observations: (moment: RunMoment) => readonly Observation[];
  /** Of the store, and so of every database. */
  readonly storeObservations?: (moment: RunMoment) => readonly Observation[];
};

/**
 * Runs `work` with a deadline, then logs, records and announces how it ended. Throws what `failureEnd`
 * decides.
 */
export async function recordedRun<T>(
  unbound: Context,
  subject: RunSubject<T>,
  work: (run: Run) => Promise<RunEnd<T>>,
): Promise<T> {
  using deadline = startDeadline(subject.deadlineMs, subject.signal);
  const context = boundContext(unbound, deadline.over);
  const { run, isStarted } = createRun(context, subject, deadline.signal);
  let end: RunEnd<T>;
  let cause: unknown;
  try {
    end = await work(run);
  } catch (thrown) {
    cause = thrown;
    const error = subject.signal?.aborted
      ? interruption(subject, thrown)
      : deadline.passed()
        ? deadline.error(run.steps.position(), thrown)
        : toLifeboatError(thrown);
    end = subject.failureEnd(run, error);
  }
  const record = runRecordOf(run, subject, end);
  const { recorded = isStarted(), listing, error, result, report } = end;
  const { name } = subject.database;
  const crashes = recorded ? await finishRun(context, name, record, { cause, listing }) : [];
  if (!recorded && error) logRun(context, name, record, cause);
  await report?.();
  await announceEnd(run, subject, end, crashes.map(observedLost));
  if (result === undefined) throw error ?? toLifeboatError(cause);
  return result;
}

function createRun(
  context: Context,
  { operation, database, key, requestedAt, deadlineMs, onProgress }: RunSubject<unknown>,
  signal: AbortSignal,
) {
  const { store, now, random } = context;
  const startedAt = now();
  let hasStarted = false;
  const name = `${backupId(requestedAt ?? startedAt, key)}-${random(4).toString('hex')}`;
  const run: Run = {
    name,
    startedAt,
    context,
    signal,
    steps: createSteps(() => performance.now(), onProgress),
    durationMs: () => now().getTime() - startedAt.getTime(),
    start: async () => {
      const start = { run: name, operation, startedAt: startedAt.toISOString(), deadlineMs };
      const storeTime = await startRun(store, database.name, start);
      hasStarted = true;
      if (storeTime) warnOfClock(context, { run: name, database: database.name }, storeTime);
    },
  };
  return { run, isStarted: () => hasStarted };
}

/** Times of backups decide which one is the newest and how long it is kept. */
function warnOfClock(
  { log, now, store }: Context,
  about: { readonly run: string; readonly database: string },
  storeTime: Date,
): void {
  const skew = now().getTime() - storeTime.getTime();
  if (Math.abs(skew) <= CLOCK_TOLERANCE_MS) return;
  const skewText = formatLasting(ENGLISH, Math.abs(skew));
  const text = `the clock of this machine is ${skewText} ${skew > 0 ? 'ahead of' : 'behind'} that of ${store.url}`;
  log('WARNING', text, {
    event: 'clock',
    ...about,
    hint: 'Set the clock (`timedatectl set-ntp true`): backups from the future do not count, and retention depends on it.',
  });
}

function interruption({ operation, hint }: RunSubject<unknown>, cause: unknown): LifeboatError {
  const what = operation.replace('-', ' ');
  return new LifeboatError('interrupted', `the ${what} was interrupted`, hint, { cause });
}

function runRecordOf(
  { name, context, startedAt, steps }: Run,
  { operation, reason }: RunSubject<unknown>,
  { endedAt = context.now(), error, step, backup, steps: durations }: RunEnd<unknown>,
): RunRecord {
  return {
    run: name,
    operation,
    reason,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
    ok: error === undefined,
    durationMs: endedAt.getTime() - startedAt.getTime(),
    steps: durations ?? steps.durations(),
    ...(backup ? { backup } : {}),
    ...(error ? { error: runFailureOf(error, endedAt, step) } : {}),
  };
}

async function announceEnd(
  { name, context }: Run,
  { database }: RunSubject<unknown>,
  { result, endedAt, observations, storeObservations }: RunEnd<unknown>,
  crashes: readonly Observation[],
): Promise<void> {
  const { name: databaseName, timeZone, source, schedule } = database;
  const about = { database: databaseName, timeZone, source, schedule };
  const moment = { run: name, at: endedAt ?? context.now() };
  // Before a success, which would resolve the trouble of the crashed runs in the same message.
  if (result !== undefined && crashes.length > 0)
    await announce(context, about, crashes, { runId: name });
  const rest = [...(result === undefined ? crashes : []), ...observations(moment)];
  await announce(context, about, rest, { runId: name });
  const ofStore = storeObservations?.(moment) ?? [];
  if (ofStore.length > 0) await announceStore(context, timeZone, ofStore, name);
}
