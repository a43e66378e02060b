import { BACKUP_ID } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/text/time.ts';
import { endOfDay, localMidnight, momentsOf, offsetAt } from '../lib/text/zone.ts';

type Edge = 'start' | 'end';

/** What a time without a zone, or relative to now, refers to. */
export type AtClock = { readonly now: Date; readonly timeZone: string };

/** The beginning of an id, with its day at least. */
export const ID_PREFIX = /^\d{8}(?:T\d{0,6}|T\d{6}Z|T\d{6}Z-[0-9a-f]{0,8})?$/;

const LOCAL_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?$/i;
const ZONED_TIME = /(?:\bZ|\dZ|\bUTC\b|\bGMT\b|[+-]\d\d:?\d\d$)/i;
const ANY_AGO = /^(?:-\s*(\d{1,6})\s*([a-z]+)|(\d{1,6})\s*([a-z]+)\s+ago)$/i;
const TIMES =
  'a day (2026-11-23), a time ("2026-11-23 03:00", 2026-11-23T03:00:00Z), yesterday, "2h ago" or -1d';
const AGE_UNITS: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^(?:m|mins?|minutes?)$/i, MINUTE_MS],
  [/^(?:h|hours?)$/i, HOUR_MS],
  [/^(?:d|days?)$/i, DAY_MS],
  [/^(?:w|weeks?)$/i, 7 * DAY_MS],
];

/**
 * What `--at` means, in one of three forms: `latest`, an id or its beginning, or a time in ISO 8601
 * that ends with Z. A date means the end of that day. Throws `usage` for anything else, and for a
 * local time that does not exist or exists twice.
 */
export function canonicalAt(at: string, clock: AtClock): string {
  const text = at.trim();
  const word = text.toLowerCase();
  if (word === 'latest') return word;
  if (BACKUP_ID.test(text) || ID_PREFIX.test(text)) return text;
  const moment = momentOf(text, clock, 'end');
  if (moment === undefined) throw unclearAt(at);
  return new Date(moment).toISOString();
}

/** The moment that `--since` means, ms: like `--at`, but a date means the beginning of that day. */
export function sinceTime(since: string, clock: AtClock): number {
  const moment = momentOf(since.trim(), clock, 'start');
  if (moment !== undefined) return moment;
  throw new LifeboatError('usage', `--since cannot be ${JSON.stringify(since)}`, `Use ${TIMES}.`);
}

function momentOf(text: string, clock: AtClock, edge: Edge): number | undefined {
  return relativeTime(text, clock, edge) ?? localMoment(text, clock, edge) ?? zonedTime(text);
}

function relativeTime(text: string, { now, timeZone }: AtClock, edge: Edge): number | undefined {
  const word = text.toLowerCase();
  const today = localMidnight(now.getTime(), timeZone);
  if (word === 'today') return edgeOfDay(today, timeZone, edge);
  if (word === 'yesterday') return edgeOfDay(today - DAY_MS, timeZone, edge);
  const [, minus, minusUnit, count = minus, unit = minusUnit] = ANY_AGO.exec(word) ?? [];
  const ms = AGE_UNITS.find(([pattern]) => unit !== undefined && pattern.test(unit))?.[1];
  return count === undefined || ms === undefined ? undefined : now.getTime() - Number(count) * ms;
}

/** A date or a time without zone, on the clocks of the database's zone. */
function localMoment(text: string, { timeZone }: AtClock, edge: Edge): number | undefined {
  const [, year, month, day, hour, minute, second = '00'] = LOCAL_TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const iso = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second}.000Z`;
  const local = Date.parse(iso);
  // 30 February is the 2 March of Date.parse.
  if (Number.isNaN(local) || new Date(local).toISOString() !== iso)
    throw new LifeboatError(
      'usage',
      `${text} is not a time that exists`,
      'Check the day and the hour. `lifeboat list` shows when backups were taken.',
    );
  if (hour === undefined) return edgeOfDay(local, timeZone, edge);
  const [moment, again] = momentsOf(local, timeZone);
  if (moment === undefined) throw skippedTime(text, local, timeZone);
  if (again !== undefined) throw repeatedTime(text, [moment, again], timeZone);
  return moment;
}

function edgeOfDay(midnight: number, timeZone: string, edge: Edge): number {
  return edge === 'end' ? endOfDay(midnight, timeZone) : endOfDay(midnight - DAY_MS, timeZone) + 1;
}

function zonedTime(text: string): number | undefined {
  const moment = ZONED_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

function skippedTime(text: string, local: number, timeZone: string): LifeboatError {
  const before = offsetAt(local - DAY_MS, timeZone);
  return new LifeboatError(
    'usage',
    `${text} does not exist in ${timeZone}, because the clocks went forward at that time`,
    `Use a time before or after, for example --at ${withOffset(local - before, timeZone)}.`,
  );
}

function repeatedTime(text: string, moments: readonly number[], timeZone: string): LifeboatError {
  const [first, last] = moments.map((moment) => withOffset(moment, timeZone));
  return new LifeboatError(
    'usage',
    `${text} exists twice in ${timeZone}, because the clocks went back at that time`,
    `Use --at ${first} or --at ${last}.`,
  );
}

/** `2026-11-01T01:30:00-04:00`. */
function withOffset(moment: number, timeZone: string): string {
  const offset = offsetAt(moment, timeZone);
  const size = new Date(Math.abs(offset)).toISOString().slice(11, 16);
  return `${new Date(moment + offset).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${size}`;
}

function unclearAt(at: string): LifeboatError {
  return new LifeboatError(
    'usage',
    `--at cannot be ${JSON.stringify(at)}`,
    `Use latest, an id or its beginning from \`lifeboat list\`, ${TIMES}.`,
  );
}
