// Local times of a time zone, whose days may have 23 or 25 hours. A local time is a number too: the
// milliseconds that it would be in UTC, so that arithmetic on it knows no daylight saving.

import { DAY_MS, SECOND_MS } from './time.ts';

// To make one takes longer than to use it a hundred times.
const zoneFormats = new Map<string, Intl.DateTimeFormat>();

/** The local time of a moment. Throws a RangeError for an unknown zone. */
export function localTime(moment: number, timeZone: string): number {
  const parts = new Map(
    zoneFormat(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return (
    Date.UTC(field('year'), field('month') - 1, field('day')) +
    (field('hour') * 3600 + field('minute') * 60 + field('second')) * SECOND_MS +
    (moment - Math.floor(moment / SECOND_MS) * SECOND_MS)
  );
}

/** The midnight, in local time, of the day of a moment. */
export function localMidnight(moment: number, timeZone: string): number {
  return Math.floor(localTime(moment, timeZone) / DAY_MS) * DAY_MS;
}

/**
 * The moments at which clocks show a local time, in order: none when clocks went forward over it,
 * two when they went back over it.
 */
export function momentsOf(local: number, timeZone: string): number[] {
  const offsets = [-DAY_MS, DAY_MS].map((far) => offsetAt(local + far, timeZone));
  return [...new Set(offsets)]
    .map((offset) => local - offset)
    .filter((moment) => localTime(moment, timeZone) === local)
    .sort((a, b) => a - b);
}

/** The last millisecond of a local day, which is given by its midnight. */
export function endOfDay(midnight: number, timeZone: string): number {
  const next = midnight + DAY_MS;
  // A day may begin at one o'clock, when clocks go forward at midnight: at that same moment.
  const start = momentsOf(next, timeZone).at(-1) ?? next - offsetAt(next - DAY_MS, timeZone);
  return start - 1;
}

/** How far local time is ahead of UTC, ms. */
export function offsetAt(moment: number, timeZone: string): number {
  return localTime(moment, timeZone) - moment;
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  const format =
    zoneFormats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  zoneFormats.set(timeZone, format);
  return format;
}
