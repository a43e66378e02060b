import { nextRun } from './cron.ts';

const DAY = 86_400_000;
const GRACE_MS = 3 * DAY;

export type RestoreTestFacts = {
  /** False: none is planned. */
  readonly schedule: string | false;
  readonly timeZone: string;
  readonly last: {
    readonly at: string;
    readonly ok: boolean;
    readonly problem: string | null;
  } | null;
};

/** Since when a restore test is overdue: its schedule asked for one, and three days went by. `undefined` when it is not. `oldest` is when the oldest backup was taken. */
export function restoreTestOverdue(
  { schedule, timeZone, last }: RestoreTestFacts,
  oldest: string | undefined,
  now: Date,
): Date | undefined {
  // What was never tested counts from the oldest backup that is still there.
  const since = last?.at ?? oldest;
  if (schedule === false || since === undefined) return undefined;
  const due = nextRun(schedule, timeZone, new Date(since));
  return due && now.getTime() > due.getTime() + GRACE_MS ? due : undefined;
}
