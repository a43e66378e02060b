import { nextRun } from './schedule.ts';

const GRACE_MS = 2 * 3_600_000;

/** When the schedule fires next, and whether the newest backup is as new as its last firing (with two hours of grace) asks for. */
export const freshness = (
  schedule: string | undefined,
  timeZone: string,
  newest: Date | undefined,
  now: Date,
): { next: Date | null; fresh: boolean } => {
  const next = schedule === undefined ? null : nextRun(schedule, timeZone, now);
  if (!newest || schedule === undefined) return { next, fresh: newest !== undefined };
  const due = nextRun(schedule, timeZone, newest);
  return { next, fresh: !due || now.getTime() < due.getTime() + GRACE_MS };
};
