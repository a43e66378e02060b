import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextRun } from '../../core/schedule/cron.ts';

const HOUR = 3_600_000;
/** Where clocks change, and a day on which they do not. */
const MOMENTS = [
  '2026-03-08T07:00Z',
  '2026-11-01T06:00Z',
  '2026-03-29T01:00Z',
  '2026-06-10T00:00Z',
];
const moments = fc.array(
  fc
    .tuple(fc.constantFrom(...MOMENTS), fc.integer({ min: -30 * HOUR, max: 30 * HOUR }))
    .map(([moment, offset]) => new Date(Date.parse(moment) + offset)),
  { minLength: 2, maxLength: 12 },
);

describe('the next run', () => {
  test('is that of the expression, whatever was asked before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('0 3 * * *', '30 2 * * *', '*/15 1-3 * * *', '0 0 29 2 *'),
        fc.constantFrom('UTC', 'America/New_York', 'Europe/Berlin'),
        moments,
        (schedule, timeZone, afters) => {
          const cron = new Cron(schedule, { timezone: timeZone });
          expect(afters.map((after) => nextRun(schedule, timeZone, after))).toEqual(
            afters.map((after) => cron.nextRun(after)),
          );
        },
      ),
      { seed: 18, numRuns: 100 },
    );
  });

  test('is strictly after the moment, and may be changed by the caller', () => {
    const three = new Date('2026-11-24T03:00:00Z');
    const before = new Date(three.getTime() - 1);
    nextRun('0 3 * * *', 'UTC', before)?.setTime(0);
    expect(nextRun('0 3 * * *', 'UTC', before)).toEqual(three);
    expect(nextRun('0 3 * * *', 'UTC', three)).toEqual(new Date('2026-11-25T03:00:00Z'));
    expect(nextRun('0 3 * * *', 'UTC', before)).toEqual(three);
  });

  test('is null twice when the expression never fires again', () => {
    const never = () => nextRun('0 0 31 2 *', 'UTC', new Date('2026-11-24T03:00:00Z'));
    expect([never(), never()]).toEqual([null, null]);
  });
});
