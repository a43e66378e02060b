import { isSameZone } from './cron.ts';

/** What the five fields of a cron expression allow; undefined for `*`. */
type CronFields = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[] | undefined;
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[] | undefined;
};
/** The keys of launchd's StartCalendarInterval. */
export type CalendarInterval = Partial<
  Record<'Minute' | 'Hour' | 'Day' | 'Month' | 'Weekday', number>
>;

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');
const WEEKDAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MINUTE = [0, 59] as const;
const HOUR = [0, 23] as const;
const DAY = [1, 31] as const;
const MONTH = [1, 12] as const;

/**
 * The OnCalendar expressions of systemd that fire when a valid cron expression does. Two, when both
 * days are restricted: cron fires on either.
 */
export function systemdCalendars(schedule: string, timeZone: string): string[] {
  const { minutes, hours, days, months, weekdays } = cronFields(schedule);
  const names = weekdays?.map((day) => WEEKDAY_NAMES[day]).join(',');
  const month = valueList(months, MONTH, '..');
  const time = `${valueList(hours, HOUR, '..')}:${valueList(minutes, MINUTE, '..')}:00 ${timeZone}`;
  const onDays = days && `*-${month}-${valueList(days, DAY, '..')} ${time}`;
  const onWeekdays = names !== undefined && `${names} *-${month}-* ${time}`;
  if (onDays !== undefined && onWeekdays !== false) return [onWeekdays, onDays];
  return [onWeekdays || onDays || `*-${month}-* ${time}`];
}

/**
 * The same schedule for cron programs. Beside a weekday they take a stepped star as a plain star, so
 * days are valueList one by one.
 */
export function crontabSchedule(schedule: string): string {
  const { minutes, hours, days, months, weekdays } = cronFields(schedule);
  return [
    valueList(minutes, MINUTE, '-'),
    valueList(hours, HOUR, '-'),
    days ? ranges(days, '-') : '*',
    valueList(months, MONTH, '-'),
    weekdays ? ranges(weekdays, '-') : '*',
  ].join(' ');
}

/** The same schedule for launchd, which knows single values only. */
export function launchdIntervals(schedule: string): CalendarInterval[] {
  const { minutes, hours, days, months, weekdays } = cronFields(schedule);
  const on = (day: readonly CalendarInterval[]): CalendarInterval[] =>
    product([
      day,
      intervalsOf('Month', months, MONTH),
      intervalsOf('Hour', hours, HOUR),
      intervalsOf('Minute', minutes, MINUTE),
    ]);
  const onDays = days && on(days.map((Day) => ({ Day })));
  const onWeekdays = weekdays && on(weekdays.map((Weekday) => ({ Weekday })));
  if (onDays && onWeekdays) return [...onWeekdays, ...onDays];
  return onDays ?? onWeekdays ?? on([{}]);
}

/** Whether a program that knows only the zone of this machine starts the schedule at the right time. */
export function isLocalZone(timeZone: string): boolean {
  return isSameZone(timeZone, new Intl.DateTimeFormat().resolvedOptions().timeZone);
}

function cronFields(schedule: string): CronFields {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = schedule
    .trim()
    .toLowerCase()
    .split(/\s+/);
  const weekdays = valuesOf(weekday, [0, 7], WEEKDAYS).map((value) => value % 7);
  return {
    minutes: valuesOf(minute, MINUTE, []),
    hours: valuesOf(hour, HOUR, []),
    days: day === '*' ? undefined : valuesOf(day, DAY, []),
    months: valuesOf(month, MONTH, ['', ...MONTHS]),
    weekdays: weekday === '*' ? undefined : inAscending(weekdays),
  };
}

/** `1-5/2,9` as 1, 3, 5, 9; `names` holds the words for the values. */
function valuesOf(
  field: string,
  [least, most]: readonly [number, number],
  names: readonly string[],
): number[] {
  const valueOf = (word: string): number =>
    /^\d+$/.test(word) ? Number(word) : names.indexOf(word);
  const values = field.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [first = '', last] = range.split('-');
    // A step over all weekdays must not reach Sunday a second time, as 7.
    const end = names === WEEKDAYS ? 6 : most;
    const from = range === '*' ? least : valueOf(first);
    const to = range === '*' ? end : last === undefined ? from : last === 'sun' ? 7 : valueOf(last);
    return Array.from(
      { length: Math.floor((to - from) / Number(step)) + 1 },
      (_, at) => from + at * Number(step),
    );
  });
  return inAscending(values);
}

function inAscending(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}

/** `*` for every value of the field. */
function valueList(
  values: readonly number[],
  [least, most]: readonly [number, number],
  dash: string,
): string {
  return values.length === most - least + 1 ? '*' : ranges(values, dash);
}

/** 1, 2, 3, 9 as `1-3,9`. */
function ranges(values: readonly number[], dash: string): string {
  const digits = (value: number): string => String(value).padStart(dash === '..' ? 2 : 1, '0');
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run && run[1] === value - 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs
    .map(([from, to]) => (from === to ? digits(from) : `${digits(from)}${dash}${digits(to)}`))
    .join(',');
}

function intervalsOf(
  key: keyof CalendarInterval,
  values: readonly number[],
  [least, most]: readonly [number, number],
): CalendarInterval[] {
  return values.length === most - least + 1 ? [{}] : values.map((value) => ({ [key]: value }));
}

function product(parts: readonly (readonly CalendarInterval[])[]): CalendarInterval[] {
  return parts.reduce<CalendarInterval[]>(
    (all, part) => all.flatMap((one) => part.map((other) => ({ ...one, ...other }))),
    [{}],
  );
}
