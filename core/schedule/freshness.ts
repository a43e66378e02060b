import { nextRun } from './cron.ts';
import { DAY_MS, MINUTE_MS } from '../lib/text/time.ts';

/** The clock that starts a run may be ahead of the clock of the run. */
const START_TOLERANCE_MS = MINUTE_MS;
const RESTORE_TEST_GRACE_MS = 3 * DAY_MS;

export type BackupSchedule = {
  /** Undefined: backups are made by hand, so none is ever late. */
  readonly schedule: string | undefined;
  readonly timeZone: string;
  /** How long after the schedule fires a backup counts as late. */
  readonly graceMs: number;
};

/** A backup that is in progress. */
export type RunningBackup = {
  readonly startedAt: Date;
  /** How long the longest recent backup of this database took, ms. */
  readonly longestMs: number;
};

export type RestoreTestSchedule = {
  /** False: none is planned. */
  readonly schedule: string | false;
  readonly timeZone: string;
  readonly last: {
    readonly at: string;
    readonly ok: boolean;
    readonly problem: string | null;
  } | null;
};

/**
 * When the next backup is due, and whether the newest one is recent enough. A backup in progress
 * since the due time may take as long as the longest recent one, and `graceMs` more. This counts
 * from the due time, so that runs that are killed and started again do not hide a late backup.
 */
export function freshness(
  { schedule, timeZone, graceMs }: BackupSchedule,
  newest: Date | undefined,
  now: Date,
  running?: RunningBackup,
): { next: Date | null; fresh: boolean } {
  const next = schedule === undefined ? null : nextRun(schedule, timeZone, now);
  if (!newest || schedule === undefined) return { next, fresh: newest !== undefined };
  const due = nextRun(schedule, timeZone, newest);
  if (!due) return { next, fresh: true };
  const isInTime = running && running.startedAt.getTime() >= due.getTime() - START_TOLERANCE_MS;
  const patienceMs = graceMs + (isInTime ? running.longestMs : 0);
  return { next, fresh: now.getTime() < due.getTime() + patienceMs };
}

/**
 * When the overdue restore test was due, which is more than three days ago; `undefined` when none
 * is overdue. `oldest` is when the oldest backup was taken.
 */
export function restoreTestOverdue(
  { schedule, timeZone, last }: RestoreTestSchedule,
  oldest: string | undefined,
  now: Date,
): Date | undefined {
  // A database without a restore test counts from its oldest backup.
  const since = last?.at ?? oldest;
  if (schedule === false || since === undefined) return undefined;
  const due = nextRun(schedule, timeZone, new Date(since));
  return due && now.getTime() > due.getTime() + RESTORE_TEST_GRACE_MS ? due : undefined;
}
