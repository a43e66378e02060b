import { MINUTE_MS } from '../lib/text/time.ts';
import { nextRun } from './cron.ts';

/** A start that is later than this after the schedule fired was made by a person. */
const LATEST_START_MS = 30 * MINUTE_MS;
/** The clock that starts a run may be ahead of the clock of the run. */
const CLOCK_MS = 5000;

/**
 * The key and the time of a request that a schedule made: equal for every start at the same time of
 * the schedule, so that two of them make one backup.
 */
export function scheduledRequest(database: string, slot: Date): { key: string; requestedAt: Date } {
  return { key: `schedule ${database} ${slot.toISOString()}`, requestedAt: slot };
}

/**
 * The time of the schedule that a start at `now` belongs to; `undefined` when the schedule did not
 * fire in the last half hour. Cloud Scheduler retries a failed start for less than that.
 */
export function slotOf(schedule: string, timeZone: string, now: Date): Date | undefined {
  const end = now.getTime() + CLOCK_MS;
  let slot: Date | undefined;
  let next = nextRun(schedule, timeZone, new Date(now.getTime() - LATEST_START_MS));
  while (next && next.getTime() <= end) {
    slot = next;
    next = nextRun(schedule, timeZone, next);
  }
  return slot;
}
