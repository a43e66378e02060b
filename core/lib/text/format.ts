import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

/** The languages of notifications and of the status page. */
export type Locale = 'en' | 'pt-BR';

/** What formatting needs to know of a language. Every set of words has it. */
export type Tongue = {
  /** The tag for numbers and dates. */
  readonly intl: string;
  readonly lessThanAMinute: string;
};

/** For the command line, errors and the log, which are English only. */
export const ENGLISH: Tongue = { intl: 'en-GB', lessThanAMinute: 'less than a minute' };

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const TIME_UNITS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
] as const;
// Time zones come from requests, too; the cache must not grow without a limit.
const MOST_FORMATTERS = 1000;
const numbers = cached(
  (intl, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(intl, options),
);
const dates = cached(
  (intl, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(intl, options),
);
const relatives = cached(
  (intl, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(intl, options),
);
const lists = cached((intl, options: Intl.ListFormatOptions) => new Intl.ListFormat(intl, options));

/** `12,345`, or `12.345`. */
export function formatNumber({ intl }: Pick<Tongue, 'intl'>, value: number): string {
  return Number.isFinite(value) ? numbers(intl, { maximumFractionDigits: 0 }).format(value) : '?';
}

/** `12.4 MiB`, or `12,4 MiB`. */
export function formatSize({ intl }: Pick<Tongue, 'intl'>, bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '?';
  const power = Math.min(SIZE_UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const number = numbers(intl, { maximumFractionDigits: power === 0 ? 0 : 1 }).format(
    bytes / 1024 ** power,
  );
  return `${number} ${SIZE_UNITS[power] ?? 'B'}`;
}

/** How long, in its largest unit, rounded down: `3 days`, `1 hora`. */
export function formatLasting({ intl, lessThanAMinute }: Tongue, ms: number): string {
  const [unit, size] = TIME_UNITS.find(([, each]) => ms >= each) ?? [];
  if (!unit) return lessThanAMinute;
  return numbers(intl, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.floor(ms / size));
}

/**
 * How far from now, in its largest unit, rounded towards now: `3 days ago`, `em 1 hora`; `now`
 * below a minute.
 */
export function formatRelative({ intl }: Pick<Tongue, 'intl'>, ms: number): string {
  const [unit, size] = TIME_UNITS.find(([, each]) => Math.abs(ms) >= each) ?? [];
  if (!unit) return relatives(intl, { numeric: 'auto' }).format(0, 'second');
  return relatives(intl, { numeric: 'always' }).format(Math.trunc(ms / size), unit);
}

/** The short form for tables on a terminal, in English: `20 min ago`, `3 h ago`, `in 12 days`. */
export function formatAge(ms: number): string {
  const distance = Math.abs(ms);
  if (distance < MINUTE_MS) return 'now';
  const length =
    distance >= 2 * DAY_MS
      ? `${Math.floor(distance / DAY_MS)} days`
      : distance >= HOUR_MS
        ? `${Math.floor(distance / HOUR_MS)} h`
        : `${Math.floor(distance / MINUTE_MS)} min`;
  return ms < 0 ? `${length} ago` : `in ${length}`;
}

/** How long a piece of work took, or may take: `45 ms`, `1.4 s`, `2 min 5 s`, `3 h 12 min`, `24 h`. */
export function formatTook({ intl }: Pick<Tongue, 'intl'>, ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '?';
  if (ms >= 0.5 && ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  if (minutes > 0) return withRest(minutes, 'min', seconds % 60, 's');
  return `${numbers(intl, { maximumFractionDigits: 1 }).format(ms / 1000)} s`;
}

function withRest(count: number, unit: string, rest: number, smaller: string): string {
  return rest === 0 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${smaller}`;
}

/**
 * `24 Nov 2026, 03:00 GMT-3`. Never throws: an invalid date or time zone must not keep a failure
 * from being reported.
 */
export function formatTime({ intl }: Pick<Tongue, 'intl'>, iso: string, timeZone: string): string {
  return inZone(intl, iso, timeZone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}

/** `24 Nov 2026`, with the same promise. */
export function formatDate({ intl }: Pick<Tongue, 'intl'>, iso: string, timeZone: string): string {
  return inZone(intl, iso, timeZone, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `24 Nov, 03:00`, or `24 Nov` for a whole day: for lists in which year and zone are clear. */
export function formatShortTime(
  { intl }: Pick<Tongue, 'intl'>,
  iso: string,
  timeZone: string,
  dayOnly: boolean,
): string {
  const day = { day: 'numeric', month: 'short' } as const;
  return inZone(
    intl,
    iso,
    timeZone,
    dayOnly ? day : { ...day, hour: '2-digit', minute: '2-digit' },
  );
}

/** `a, b and c`. */
export function formatList({ intl }: Pick<Tongue, 'intl'>, items: readonly string[]): string {
  return lists(intl, { type: 'conjunction' }).format(items);
}

function inZone(
  intl: string,
  iso: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  try {
    return dates(intl, { ...options, timeZone }).format(moment);
  } catch {
    return dates(intl, { ...options, timeZone: 'UTC' }).format(moment);
  }
}

/** Making a formatter of Intl takes longer than a thousand uses. */
function cached<Options, Formatter>(
  make: (intl: string, options: Options) => Formatter,
): (intl: string, options: Options) => Formatter {
  const all = new Map<string, Formatter>();
  return (intl, options) => {
    const key = `${intl} ${JSON.stringify(options)}`;
    const formatter = all.get(key) ?? make(intl, options);
    if (all.size < MOST_FORMATTERS) all.set(key, formatter);
    return formatter;
  };
}
