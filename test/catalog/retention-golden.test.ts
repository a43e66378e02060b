import { describe, expect, test } from 'vitest';
import type { Manifest, Slot } from '../../core/format/manifest.ts';
import { expiryOf, takeSlots } from '../../core/catalog/retention.ts';

// One story a test: moments in (with the time in the zone for the reader), slots and expiry out.

const LETTERS: Readonly<Record<Slot, string>> = {
  daily: 'd',
  weekly: 'w',
  monthly: 'm',
  yearly: 'y',
};
const DEFAULTS = { daily: 14, weekly: 8, monthly: 12, yearly: 3 };
type Settings = Partial<typeof DEFAULTS> & {
  readonly zone?: string;
  readonly reason?: string;
  readonly verdict?: 'inconclusive' | 'failed';
};
/** When the backup is taken, what it takes (`dwmy`), until when it lives, and what is configured at that time. */
type Line = readonly [takenAt: string, slots: string, expires: string, settings?: Settings];

const manifestOf = (takenAt: Date, slots: readonly Slot[], verdict: string): Manifest =>
  ({
    id: takenAt.toISOString(),
    takenAt: takenAt.toISOString(),
    slots,
    salvage: verdict === 'failed',
    inspection: { verdict },
  }) as Manifest;

const play = (zone: string, lines: readonly Line[], settings: Settings = {}): Line[] => {
  const catalog: Manifest[] = [];
  return lines.map(([moment, , , own = {}]) => {
    const {
      zone: timeZone = zone,
      reason = 'schedule',
      verdict = 'ok',
      ...retention
    } = { ...DEFAULTS, ...settings, ...own };
    const takenAt = new Date(moment);
    const slots = takeSlots(catalog, { takenAt, reason }, { retention, timeZone });
    catalog.push(manifestOf(takenAt, slots, verdict));
    const expires = expiryOf(takenAt, slots, retention, timeZone)
      .toISOString()
      .replace('.000Z', 'Z');
    const letters = slots.map((slot) => LETTERS[slot]).join('');
    return Object.keys(own).length === 0
      ? [moment, letters, expires]
      : [moment, letters, expires, own];
  });
};

describe('slots and expiry, in the time zone of the database', () => {
  test.each<[title: string, zone: string, lines: readonly Line[], settings?: Settings]>([
    [
      'a week with the change to summer time is a week: Monday to Monday in Berlin',
      'Europe/Berlin',
      [
        ['2026-03-22T22:59:00Z', 'dwmy', '2029-03-22T22:59:00Z'], // Sunday 23:59
        ['2026-03-22T23:01:00Z', 'dw', '2026-05-17T23:01:00Z'], // Monday 00:01
        ['2026-03-29T21:59:00Z', 'd', '2026-04-12T21:59:00Z'], // Sunday 23:59, an hour shorter
        ['2026-03-29T22:01:00Z', 'dw', '2026-05-24T22:01:00Z'], // Monday 00:01
      ],
    ],
    [
      'a week with the change to winter time too',
      'Europe/Berlin',
      [
        ['2026-10-18T22:01:00Z', 'dwmy', '2029-10-18T22:01:00Z'], // Monday 00:01
        ['2026-10-25T22:59:00Z', 'd', '2026-11-08T22:59:00Z'], // Sunday 23:59, an hour longer
        ['2026-10-25T23:01:00Z', 'dw', '2026-12-20T23:01:00Z'], // Monday 00:01
      ],
    ],
    [
      'São Paulo had summer time until 2019, when a Sunday began at 01:00 …',
      'America/Sao_Paulo',
      [
        ['2018-11-04T02:59:00Z', 'dwmy', '2021-11-04T02:59:00Z'], // Saturday 23:59
        ['2018-11-04T03:00:00Z', 'd', '2018-11-18T03:00:00Z'], // Sunday 01:00: there was no midnight
        ['2018-11-05T01:59:00Z', 'd', '2018-11-19T01:59:00Z'], // Sunday 23:59
        ['2018-11-05T02:00:00Z', 'dw', '2018-12-31T02:00:00Z'], // Monday 00:00
      ],
    ],
    [
      '… and has none since',
      'America/Sao_Paulo',
      [
        ['2026-11-02T02:59:00Z', 'dwmy', '2029-11-02T02:59:00Z'], // Sunday 23:59, the 1st
        ['2026-11-02T03:00:00Z', 'dw', '2026-12-28T03:00:00Z'], // Monday 00:00
        ['2026-12-01T02:59:00Z', 'dw', '2027-01-26T02:59:00Z'], // Monday 23:59, November 30th
        ['2026-12-01T03:00:00Z', 'dm', '2027-12-01T03:00:00Z'], // Tuesday 00:00
      ],
    ],
    [
      'the week over New Year is one week, and January 1st takes month and year in the middle of it',
      'Europe/Berlin',
      [
        ['2026-12-28T02:00:00Z', 'dwmy', '2029-12-28T02:00:00Z'], // Monday of week 53
        ['2026-12-31T22:59:00Z', 'd', '2027-01-14T22:59:00Z'], // 23:59
        ['2026-12-31T23:01:00Z', 'dmy', '2029-12-31T23:01:00Z'], // January 1st, 00:01
        ['2027-01-03T12:00:00Z', 'd', '2027-01-17T12:00:00Z'], // Sunday of week 53
        ['2027-01-04T02:00:00Z', 'dw', '2027-03-01T02:00:00Z'], // Monday of week 1
      ],
    ],
    [
      'a month is counted in the calendar of the zone: taken on February 1st there and on January 31st in UTC, it lives until March 1st there',
      'Asia/Tokyo',
      [
        ['2027-01-31T15:01:00Z', 'dwm', '2027-02-28T15:01:00Z'], // February 1st, 00:01
        ['2027-02-28T14:59:00Z', 'dw', '2027-03-07T14:59:00Z'], // February 28th, 23:59
        ['2027-02-28T15:01:00Z', 'dwm', '2027-03-31T15:01:00Z'], // Monday, March 1st, 00:01
      ],
      { daily: 1, weekly: 1, monthly: 1, yearly: 0 },
    ],
    [
      'a first of the month that comes late takes the month when it comes, and a month that was missed is missed',
      'UTC',
      [
        ['2026-01-05T03:00:00Z', 'dwmy', '2029-01-05T03:00:00Z'],
        ['2026-02-20T03:00:00Z', 'dwm', '2027-02-20T03:00:00Z'],
        ['2026-02-21T03:00:00Z', 'd', '2026-03-07T03:00:00Z'],
        ['2026-04-01T03:00:00Z', 'dwm', '2027-04-01T03:00:00Z'],
      ],
    ],
    [
      'after a week that was missed the next one is taken as ever',
      'UTC',
      [
        ['2026-11-10T03:00:00Z', 'dwmy', '2029-11-10T03:00:00Z'], // Tuesday
        ['2026-11-27T03:00:00Z', 'dw', '2027-01-22T03:00:00Z'], // Friday of the week after the next
        ['2026-11-30T03:00:00Z', 'dw', '2027-01-25T03:00:00Z'], // Monday
      ],
    ],
    [
      'of two runs in one minute the first takes the slots',
      'UTC',
      [
        ['2026-11-23T03:00:05Z', 'dwmy', '2029-11-23T03:00:05Z'],
        ['2026-11-23T03:00:40Z', 'd', '2026-12-07T03:00:40Z'],
      ],
    ],
    [
      'a zone that moves west makes a day belong to the month before: both months keep one, none is lost',
      'UTC',
      [
        ['2026-11-01T01:00:00Z', 'dwmy', '2029-11-01T01:00:00Z'],
        ['2026-11-02T01:00:00Z', 'dw', '2026-12-28T01:00:00Z', { zone: 'Pacific/Auckland' }], // Monday there
        ['2026-11-03T04:00:00Z', 'dwm', '2027-11-03T04:00:00Z', { zone: 'America/Sao_Paulo' }], // the first one is October's here
      ],
    ],
    [
      'weekly: 0 takes no week, and a slot switched on later is taken by the next backup',
      'UTC',
      [
        ['2026-11-23T03:00:00Z', 'dmy', '2029-11-23T03:00:00Z'],
        ['2026-11-24T03:00:00Z', 'd', '2026-12-08T03:00:00Z'],
        ['2026-11-25T03:00:00Z', 'dw', '2026-12-16T03:00:00Z', { weekly: 3 }],
      ],
      { weekly: 0 },
    ],
    [
      'a leap day lives a year and no less: where there is no February 29th, until March 1st',
      'UTC',
      [['2028-02-29T03:00:00Z', 'dwmy', '2029-03-01T03:00:00Z']],
      { weekly: 1, monthly: 1, yearly: 1 },
    ],
    [
      'a leap day lives a month until March 29th',
      'UTC',
      [['2028-02-29T03:00:00Z', 'dwm', '2028-03-29T03:00:00Z']],
      { weekly: 1, monthly: 1, yearly: 0 },
    ],
    [
      'the last of a long month lives a month and no less',
      'UTC',
      [
        ['2027-01-31T03:00:00Z', 'dwm', '2027-03-01T03:00:00Z'],
        ['2028-03-31T03:00:00Z', 'dwm', '2028-05-01T03:00:00Z'],
      ],
      { weekly: 1, monthly: 1, yearly: 0 },
    ],
    [
      'the longest slot decides, whichever it is',
      'UTC',
      [
        ['2026-11-23T03:00:00Z', 'dwm', '2027-11-22T03:00:00Z'], // 52 weeks are a day less than a year, and more than 3 months
        ['2026-11-30T03:00:00Z', 'dw', '2027-11-29T03:00:00Z'],
        ['2026-12-01T03:00:00Z', 'dm', '2027-03-01T03:00:00Z'],
        ['2026-12-02T03:00:00Z', 'd', '2027-01-01T03:00:00Z'],
      ],
      { daily: 30, weekly: 52, monthly: 3, yearly: 0 },
    ],
    [
      'what precedes a deploy or a push takes nothing from the next scheduled or manual one',
      'UTC',
      [
        ['2026-11-23T01:00:00Z', 'd', '2026-12-07T01:00:00Z', { reason: 'pre-deploy' }],
        ['2026-11-23T02:00:00Z', 'd', '2026-12-07T02:00:00Z', { reason: 'pre-push' }],
        ['2026-11-23T03:00:00Z', 'dwmy', '2029-11-23T03:00:00Z', { reason: 'manual' }],
        ['2026-11-23T04:00:00Z', 'd', '2026-12-07T04:00:00Z'],
      ],
    ],
    [
      'an inconclusive backup takes slots, a salvage copy takes none from the next',
      'UTC',
      [
        ['2026-11-23T03:00:00Z', 'dwmy', '2029-11-23T03:00:00Z', { verdict: 'failed' }],
        ['2026-11-23T04:00:00Z', 'dwmy', '2029-11-23T04:00:00Z', { verdict: 'inconclusive' }],
        ['2026-11-23T05:00:00Z', 'd', '2026-12-07T05:00:00Z'],
      ],
    ],
  ])('%s', (_title, zone, lines, settings) => {
    expect(play(zone, lines, settings)).toEqual(lines);
  });

  test.each([
    'UTC',
    'Europe/Berlin',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Kiritimati',
  ])(
    'in %s a daily run at 00:01 takes each week, month and year exactly once, on its first day',
    (timeZone) => {
      const local = new Intl.DateTimeFormat('en-CA', {
        timeZone,
        dateStyle: 'short',
        timeStyle: 'short',
        hourCycle: 'h23',
      });
      const catalog: Manifest[] = [];
      const taken: string[] = [];
      const expected: string[] = [];
      for (let at = Date.UTC(2026, 0, 2); at < Date.UTC(2028, 2, 2); at += 900_000) {
        const takenAt = new Date(at + 60_000);
        const [day = '', time] = local.format(takenAt).split(', ');
        if (time !== '00:01') continue;
        const first = catalog.length === 0;
        const slots = takeSlots(
          catalog.slice(-370),
          { takenAt, reason: 'schedule' },
          { retention: DEFAULTS, timeZone },
        );
        catalog.push(manifestOf(takenAt, slots, 'ok'));
        taken.push(`${day} ${slots.map((slot) => LETTERS[slot]).join('')}`);
        const monday = new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
        expected.push(
          `${day} d${first || monday ? 'w' : ''}${first || day.endsWith('-01') ? 'm' : ''}${first || day.endsWith('-01-01') ? 'y' : ''}`,
        );
      }
      expect(taken.length).toBeGreaterThan(780);
      expect(taken).toEqual(expected);
    },
  );
});
