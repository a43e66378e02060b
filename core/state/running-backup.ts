import type { RunRecord, RunStart } from '../documents/run.ts';
import { freshness, type BackupSchedule, type RunningBackup } from '../schedule/freshness.ts';
import type { Store } from '../store/store.ts';
import { isRunning, LONGEST_MS } from './lost-runs.ts';
import { openRuns } from './records.ts';

export type RunningQuery = {
  readonly name: string;
  readonly schedule: BackupSchedule;
  /** When the newest backup that counts was taken. */
  readonly newest: Date | undefined;
  /** How long the longest recent backup took (`longestBackupMs`). */
  readonly longestMs: number;
};

/**
 * The backup of a database that is in progress and keeps the newest one from being late. Reads the
 * store only when such a backup can make a difference.
 */
export async function findRunningBackup(
  store: Store,
  { name, schedule, newest, longestMs }: RunningQuery,
  now: Date,
): Promise<RunningBackup | undefined> {
  const graceMs = schedule.graceMs + longestMs;
  if (!newest || freshness(schedule, newest, now).fresh) return undefined;
  if (!freshness({ ...schedule, graceMs }, newest, now).fresh) return undefined;
  return lastStarted(await openRuns(store, name), longestMs, now);
}

/** The last backup that started, has not ended and may still be running. */
export function runningBackup(
  open: readonly RunStart[],
  runs: readonly RunRecord[],
  now: Date,
): RunningBackup | undefined {
  return lastStarted(open, longestBackupMs(runs), now);
}

function lastStarted(
  open: readonly RunStart[],
  longestMs: number,
  now: Date,
): RunningBackup | undefined {
  const starts = open
    .filter((run) => run.operation === 'backup' && isRunning(run, now))
    .map(({ startedAt }) => Date.parse(startedAt));
  if (starts.length === 0) return undefined;
  return { startedAt: new Date(Math.max(...starts)), longestMs };
}

/** How long the successful runs of an operation took, ms, in the order of the records. */
export function successfulMs(
  runs: readonly Pick<RunRecord, 'operation' | 'ok' | 'durationMs'>[],
  wanted: RunRecord['operation'],
): number[] {
  return runs
    .filter(({ operation, ok }) => operation === wanted && ok)
    .map(({ durationMs }) => durationMs);
}

/** How long the longest successful backup took, ms; 0 without one. */
export function longestBackupMs(runs: readonly RunRecord[]): number {
  return Math.min(LONGEST_MS, Math.max(0, ...successfulMs(runs, 'backup')));
}
