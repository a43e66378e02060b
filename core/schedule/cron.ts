import { Cron } from 'croner';

// Cloud Scheduler reads the same five fields; what only croner knows (@daily, L, W, #, ?, seconds) must not pass here and fail there.
const FIELD = /^(\*|\d{1,2}|[a-z]{3})([,/-](\*|\d{1,2}|[a-z]{3}))*$/i;

// To make one takes longer than to ask it, and 500 databases have a few schedules between them.
const MOST_KNOWN = 1000;
const known = new Map<string, Cron>();

/** Why a cron expression cannot be used; `undefined` when it can. */
export function scheduleFault(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5)
    return 'is not a cron expression of five fields: minute, hour, day of the month, month, day of the week';
  const odd = fields.find((field) => !FIELD.test(field));
  if (odd !== undefined)
    return `is not a cron expression: ${odd} is none of numbers, names, *, lists, ranges and steps`;
  try {
    // Whether it ever fires depends neither on the time zone nor on the day one asks: any moment before a leap year will do.
    if (new Cron(schedule, { timezone: 'UTC' }).nextRun(new Date('2026-01-01T00:00:00Z')) === null)
      return 'never fires: no such date exists';
  } catch (cause) {
    return `is not a cron expression: ${(cause instanceof Error ? cause.message : String(cause)).replace(/^CronPattern: /, '')}`;
  }
  return undefined;
}

/** The first moment after `after` at which a cron expression of five fields fires; null when it never does. */
export function nextRun(schedule: string, timeZone: string, after: Date): Date | null {
  return cronOf(schedule, timeZone).nextRun(after);
}

function cronOf(schedule: string, timeZone: string): Cron {
  const key = `${timeZone} ${schedule}`;
  const found = known.get(key) ?? new Cron(schedule, { timezone: timeZone });
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, found);
  return found;
}
