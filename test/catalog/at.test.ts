import { describe, expect, test } from 'vitest';
import { canonicalAt } from '../../core/catalog/at.ts';

const NOW = new Date('2026-11-28T05:18:46Z');
const at = (text: string, timeZone = 'America/Sao_Paulo'): string =>
  canonicalAt(text, { now: NOW, timeZone });

describe('--at', () => {
  test.each([
    ['latest', 'latest'],
    [' Latest ', 'latest'],
    ['20261125T204310Z-f64088ea', '20261125T204310Z-f64088ea'],
    ['20261125T204310Z-f6', '20261125T204310Z-f6'],
    ['20261125T20', '20261125T20'],
    ['20261125', '20261125'],
    ['2026-11-23T03:00:00Z', '2026-11-23T03:00:00.000Z'],
    ['2026-11-23t03:00:00z', '2026-11-23T03:00:00.000Z'],
    ['2026-11-23T03:00:00-03:00', '2026-11-23T06:00:00.000Z'],
    ['2026-11-23T03:00:00+0530', '2026-11-22T21:30:00.000Z'],
    ['Mon, 23 Nov 2026 03:00:00 GMT', '2026-11-23T03:00:00.000Z'],
    ['2026-11-23', '2026-11-24T02:59:59.999Z'],
    ['2026-11-23 03:00', '2026-11-23T06:00:00.000Z'],
    ['2026-11-23T03:00', '2026-11-23T06:00:00.000Z'],
    ['2026-11-23 03:00:59.25', '2026-11-23T06:00:59.000Z'],
    // 05:18 UTC is still the 28th in São Paulo.
    ['today', '2026-11-29T02:59:59.999Z'],
    ['yesterday', '2026-11-28T02:59:59.999Z'],
    ['2h ago', '2026-11-28T03:18:46.000Z'],
    ['2 hours ago', '2026-11-28T03:18:46.000Z'],
    ['90 minutes ago', '2026-11-28T03:48:46.000Z'],
    ['-1d', '2026-11-27T05:18:46.000Z'],
    ['-2w', '2026-11-14T05:18:46.000Z'],
    ['1 week ago', '2026-11-21T05:18:46.000Z'],
  ])('%s means %s', (text, meaning) => {
    expect(at(text)).toBe(meaning);
  });

  test.each([
    ['the day on which clocks go forward has 23 hours', '2026-03-29', '2026-03-29T21:59:59.999Z'],
    ['the day on which clocks go back has 25 hours', '2026-10-25', '2026-10-25T22:59:59.999Z'],
    ['the last moment before clocks go forward', '2026-03-29 01:59', '2026-03-29T00:59:00.000Z'],
    ['the first moment after it', '2026-03-29 03:00', '2026-03-29T01:00:00.000Z'],
    ['the last moment that exists once', '2026-10-25 01:59', '2026-10-24T23:59:00.000Z'],
    ['the first moment that exists once again', '2026-10-25 03:00', '2026-10-25T02:00:00.000Z'],
  ])('in Berlin: %s', (_, text, meaning) => {
    expect(at(text, 'Europe/Berlin')).toBe(meaning);
  });

  test('a day ends when the next one begins, even at one o’clock', () => {
    // Clocks in São Paulo went from 00:00 to 01:00 on 4 November 2018, and back to 23:00 at the
    // end of 17 February.
    expect(at('2018-11-03')).toBe('2018-11-04T02:59:59.999Z');
    expect(at('2018-02-17')).toBe('2018-02-18T02:59:59.999Z');
  });

  test.each([
    ['2026-02-30', /not a time that exists/],
    ['2026-11-23 25:00', /not a time that exists/],
    ['2026-13-01 00:00', /not a time that exists/],
    ['2026-11-23 12:60', /not a time that exists/],
    ['yesterdayish', /--at cannot be "yesterdayish"/],
    ['', /--at cannot be ""/],
    ['2h', /--at cannot be/],
    ['2 fortnights ago', /--at cannot be/],
    ['2026', /--at cannot be/],
    ['2026-11', /--at cannot be/],
    ['23 Nov 2026', /--at cannot be/],
    ['20261125-f64088ea', /--at cannot be/],
  ])('%j is refused', (text, message) => {
    expect(() => at(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringMatching(message) }),
    );
  });

  test('a local time that clocks skip or repeat is refused, with times that are clear', () => {
    expect(() => at('2026-03-29 02:30', 'Europe/Berlin')).toThrow(
      expect.objectContaining({
        message:
          '2026-03-29 02:30 does not exist in Europe/Berlin, because the clocks went forward at that time',
        hint: expect.stringContaining('2026-03-29T03:30:00+02:00'),
      }),
    );
    expect(() => at('2026-10-25 02:30', 'Europe/Berlin')).toThrow(
      expect.objectContaining({
        message:
          '2026-10-25 02:30 exists twice in Europe/Berlin, because the clocks went back at that time',
        hint: 'Use --at 2026-10-25T02:30:00+02:00 or --at 2026-10-25T02:30:00+01:00.',
      }),
    );
  });
});
