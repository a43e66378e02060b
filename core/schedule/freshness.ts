import { nextRun } from './cron.ts';

/** When the schedule fires next, and whether the newest backup is as new as its last firing and a time of grace ask for. */
export function freshness(
  schedule: string | undefined,
  timeZone: string,
  newest: Date | undefined,
  now: Date,
  graceMs: number,
): { next: Date | null; fresh: boolean } {
  const next = schedule === undefined ? null : nextRun(schedule, timeZone, now);
  if (!newest || schedule === undefined) return { next, fresh: newest !== undefined };
  const due = nextRun(schedule, timeZone, newest);
  return { next, fresh: !due || now.getTime() < due.getTime() + graceMs };
}
