import { describe, expect, test } from 'vitest';
import { unusualSilence } from '../../core/upkeep/rhythm.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 3);
/** The silence, in days before now, of a store that was used so many days ago. */
const silenceOf = (...days: readonly number[]) => {
  const silence = unusualSilence(
    days.map((day) => NOW - day * DAY),
    NOW,
  );
  return silence && [(NOW - silence.from) / DAY, (NOW - silence.to) / DAY];
};
const every = (pause: number, times: number, last: number): number[] =>
  Array.from({ length: times }, (_, n) => last + n * pause);

/** The backups that are left of years of use: one a month, and two of the years before. */
const KEPT = [...every(30, 12, 100), 825, 1190];

describe('an unusual silence', () => {
  test.each<[string, number[], [from: number, to: number] | undefined]>([
    ['no use at all', [], undefined],
    ['daily use', every(1, 40, 1), undefined],
    ['daily use, and a week of holidays', every(1, 40, 7), undefined],
    ['daily use, and more than a week without', every(1, 40, 7.1), [7.1, 0]],
    ['hourly use, and more than a week without', every(1 / 24, 400, 8), [8, 0]],
    ['weekly use, and one week left out', every(7, 20, 14), [14, 0]],
    ['weekly use', every(7, 20, 7), undefined],
    ['monthly use', every(30.5, 5, 31), undefined],
    ['yearly use', every(365, 3, 366), undefined],
    ['yearly use, and a clock that is a year ahead', every(365, 3, 730), [730, 0]],
    [
      'yearly use of several databases, in one night',
      [366, 365.99, 365.98, 0.02, 0.01],
      [365.98, 0.02],
    ],
    [
      'yearly use of several databases, in the fourth year',
      [1096, 1095.99, 731, 730.99, 366, 365.99, 365.98, 0.02, 0.01],
      undefined,
    ],
    ['a second use after a long time', [200], [200, 0]],
    ['a third use, as long after the second as that after the first', [400, 200], [200, 0]],
    ['a silence that ended a week ago', [...every(1, 20, 40), 7, 3], [40, 7]],
    ['a silence that ended more than a week ago', [...every(1, 20, 40), 7.1, 3], undefined],
    ['hourly use for years', [...every(1 / 24, 2000, 0.04), ...KEPT], undefined],
    [
      'hourly use for years, and a clock 21 days ahead',
      [...every(1 / 24, 2000, 21), ...KEPT],
      [21, 0],
    ],
    ['a use every six hours for years', [...every(1 / 4, 360, 0.25), ...KEPT], undefined],
    [
      'a use every six hours for years, and 44 days ahead',
      [...every(1 / 4, 360, 44), ...KEPT],
      [44, 0],
    ],
    [
      'a use every six hours for years, 21 days ahead',
      [...every(1 / 4, 360, 21), ...KEPT],
      [21, 0],
    ],
    ['uses in the future', [...every(1, 20, 1), -365, -366], undefined],
    ['an earlier clock that was far behind', [20_000, ...every(1, 20, 30)], [30, 0]],
  ])('%s', (_, days, silence) => {
    const rounded = silenceOf(...days)?.map((day) => Math.round(day * 100) / 100);
    expect(rounded).toEqual(silence);
  });
});
