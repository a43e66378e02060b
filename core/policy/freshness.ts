import { Cron } from 'croner';

const GRACE_MS = 2 * 3_600_000;

/** When the schedule fires next, and whether the newest backup is as new as its last firing (with two hours of grace) asks for. */
export const freshness = (
  schedule: string | undefined,
  timeZone: string,
  newest: Date | undefined,
  now: Date,
): { next: Date | null; fresh: boolean } => {
  if (!newest) return { next: schedule ? new Cron(schedule, { timezone: timeZone }).nextRun(now) : null, fresh: false };
  if (!schedule) return { next: null, fresh: true };
  const cron = new Cron(schedule, { timezone: timeZone });
  const due = cron.nextRun(newest);
  return { next: cron.nextRun(now), fresh: !due || now.getTime() < due.getTime() + GRACE_MS };
};
