import { describe, expect, test } from 'vitest';
import { scheduledRequest, slotOf } from '../../core/schedule/slot.ts';

describe('the time of the schedule that a start belongs to', () => {
  test.each<[string, string, string | undefined]>([
    ['at that second', '2026-11-28T03:00:00Z', '2026-11-28T03:00:00.000Z'],
    ['a little later', '2026-11-28T03:00:12Z', '2026-11-28T03:00:00.000Z'],
    ['after several retries', '2026-11-28T03:29:59Z', '2026-11-28T03:00:00.000Z'],
    ['by a clock that is behind', '2026-11-28T02:59:56Z', '2026-11-28T03:00:00.000Z'],
    ['before the schedule, by a person', '2026-11-28T02:59:30Z', undefined],
    ['half an hour later, by a person', '2026-11-28T03:30:01Z', undefined],
    ['long before', '2026-11-28T02:30:00Z', undefined],
  ])('%s', (_, now, slot) => {
    expect(slotOf('0 3 * * *', 'UTC', new Date(now))?.toISOString()).toBe(slot);
  });

  test('is the latest of several, in the zone of the schedule', () => {
    expect(
      slotOf('*/10 * * * *', 'America/Sao_Paulo', new Date('2026-11-28T03:18:00Z'))?.toISOString(),
    ).toBe('2026-11-28T03:10:00.000Z');
    expect(
      slotOf('0 0 * * *', 'America/Sao_Paulo', new Date('2026-11-28T03:05:00Z'))?.toISOString(),
    ).toBe('2026-11-28T03:00:00.000Z');
  });

  test('gives the same request for every start, and another one for the next slot or database', () => {
    const slot = new Date('2026-11-28T03:00:00Z');
    expect(scheduledRequest('shop', slot)).toEqual(scheduledRequest('shop', new Date(slot)));
    const keys = [
      scheduledRequest('shop', slot),
      scheduledRequest('wiki', slot),
      scheduledRequest('shop', new Date('2026-11-29T03:00:00Z')),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(3);
  });
});
