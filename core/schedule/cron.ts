/**
 * Schedules: cron expressions in a time zone, whether a backup or a restore test is late, and the
 * jobs of a deployment with the port to Cloud Scheduler. Pure, except for the calls to that port.
 * Imports `lib` only; the clock comes in as an argument.
 */
import { Cron } from 'croner';

// Cloud Scheduler reads the same five fields. What only croner accepts (@daily, L, W, #, ?,
// seconds) must not pass here and fail there.
const CRON_FIELD = /^(\*|\d{1,2}|[a-z]{3})([,/-](\*|\d{1,2}|[a-z]{3}))*$/i;

/** A stretch in which an expression does not fire, ms: every moment of it has the same next run. */
type Gap = {
  readonly from: number;
  /** Infinity when the expression never fires again. */
  readonly next: number;
};
type Parsed = { readonly cron: Cron; gaps: readonly Gap[] };

// Parsing an expression takes longer than evaluating it, and 5,000 databases share a few schedules:
// each was backed up in one of a few gaps.
const CACHE_SIZE = 1000;
const MOST_GAPS = 8;
const cache = new Map<string, Parsed>();

/** Why a cron expression cannot be used; `undefined` when it is valid. */
export function scheduleFault(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5)
    return 'is not a cron expression of five fields: minute, hour, day of the month, month, day of the week';
  const invalid = fields.find((field) => !CRON_FIELD.test(field));
  if (invalid !== undefined)
    return `is not a cron expression: ${invalid} is not a number, name, *, list, range or step`;
  try {
    // Whether it ever fires depends neither on the time zone nor on the day: any moment before a
    // leap year will do.
    if (nextRun(schedule, 'UTC', new Date('2026-01-01T00:00:00Z')) === null)
      return 'never fires: no such date exists';
  } catch (cause) {
    return `is not a cron expression: ${(cause instanceof Error ? cause.message : String(cause)).replace(/^CronPattern: /, '')}`;
  }
  return undefined;
}

/** When a cron expression of five fields fires first after `after`; null when it never does. */
export function nextRun(schedule: string, timeZone: string, after: Date): Date | null {
  const parsed = cronOf(schedule, timeZone);
  const from = after.getTime();
  const gap = parsed.gaps.find((each) => each.from <= from && from < each.next);
  if (gap) return gap.next === Infinity ? null : new Date(gap.next);
  const run = parsed.cron.nextRun(after);
  const next = run?.getTime() ?? Infinity;
  const others = parsed.gaps.filter((each) => each.next !== next);
  parsed.gaps = [{ from, next }, ...others].slice(0, MOST_GAPS);
  return run;
}

/**
 * Whether two names are of one time zone: `Etc/UTC` and `UTC`, `Asia/Calcutta` and `Asia/Kolkata`.
 */
export function isSameZone(a: string, b: string): boolean {
  return a === b || canonicalZone(a) === canonicalZone(b);
}

/** The name that this Node gives to the zone; an unknown one stays itself. */
function canonicalZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return zone;
  }
}

function cronOf(schedule: string, timeZone: string): Parsed {
  const key = `${timeZone} ${schedule}`;
  const parsed = cache.get(key) ?? {
    cron: new Cron(schedule, { timezone: timeZone }),
    gaps: [],
  };
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(key, parsed);
  return parsed;
}
