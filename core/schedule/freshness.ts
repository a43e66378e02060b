import { nextRun } from './cron.ts';
import { DAY_MS } from '../lib/time.ts';

const RESTORE_TEST_GRACE_MS = 3 * DAY_MS;

export type BackupSchedule = {
  /** Undefined: backups are made by hand, so none is ever late. */
  readonly schedule: string | undefined;
  readonly timeZone: string;
  /** How long after the schedule fires a backup counts as late. */
  readonly graceMs: number;
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

/** When the next backup is due, and whether the newest one is recent enough. */
export function freshness(
  { schedule, timeZone, graceMs }: BackupSchedule,
  newest: Date | undefined,
  now: Date,
): { next: Date | null; fresh: boolean } {
  const next = schedule === undefined ? null : nextRun(schedule, timeZone, now);
  if (!newest || schedule === undefined) return { next, fresh: newest !== undefined };
  const due = nextRun(schedule, timeZone, newest);
  return { next, fresh: !due || now.getTime() < due.getTime() + graceMs };
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
