import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../core/format/manifest.ts';
import { promotions } from '../../core/catalog/retention.ts';

const RETENTION = { daily: 14, weekly: 8, monthly: 12, yearly: 3 };
const NOW = new Date('2026-12-02T12:00:00Z');
const idOf = (day: string): string => `${day.replaceAll('-', '')}T030000Z-00000000`;

const backup = (day: string, more: Partial<Manifest> = {}): Manifest =>
  ({
    id: idOf(day),
    takenAt: `${day}T03:00:00.000Z`,
    salvage: false,
    slots: ['daily'],
    parent: null,
    depth: 0,
    chain: { salt: 'a', keyed: false },
    inspection: { verdict: 'ok' },
    ...more,
  }) as Manifest;
const child = (day: string, parent: string, depth: number): Manifest =>
  backup(day, { parent: idOf(parent), depth });

const promoted = (
  catalog: readonly Manifest[],
  damaged: readonly string[],
  now = NOW,
  retention = RETENTION,
): string[] =>
  promotions(catalog, new Set(damaged.map(idOf)), { retention, timeZone: 'UTC' }, now).map(
    ({ id, slot, period, instead, expires }) =>
      `${id.slice(0, 8)} for the ${slot} of ${period} instead of ${instead.slice(0, 8)} until ${expires.toISOString().slice(0, 10)}`,
  );

// Monday, Tuesday and Wednesday of a week, and the Monday after.
const holder = backup('2026-11-23', { slots: ['daily', 'weekly', 'monthly'] });
const week = [
  holder,
  child('2026-11-24', '2026-11-23', 1),
  backup('2026-11-25'),
  backup('2026-11-30', { slots: ['daily', 'weekly'] }),
];

describe('when the holder of a slot is damaged', () => {
  test('the first sound backup of the same period is kept in its place', () => {
    expect(promoted(week, ['2026-11-23'])).toEqual([
      '20261125 for the weekly of 2026-11-23 instead of 20261123 until 2027-01-20',
      '20261125 for the monthly of 2026-11 instead of 20261123 until 2027-11-25',
    ]);
  });

  test.each<[string, readonly Manifest[], readonly string[]]>([
    ['nothing is damaged', week, []],
    ['the damaged one holds nothing but its day', week, ['2026-11-25']],
    [
      'nothing sound is left of the period',
      [holder, child('2026-11-24', '2026-11-23', 1)],
      ['2026-11-23'],
    ],
    [
      'another sound one holds the same slot: two runs took it at once',
      [holder, backup('2026-11-24', { slots: ['daily', 'weekly', 'monthly'] })],
      ['2026-11-23'],
    ],
    [
      'a salvage copy is all that is left',
      [holder, backup('2026-11-24', { salvage: true })],
      ['2026-11-23'],
    ],
  ])('nothing is promoted when %s', (_title, catalog, damaged) => {
    expect(promoted(catalog, damaged)).toEqual([]);
  });

  test('a chain with a damaged ancestor cannot take over a slot, and loses its own', () => {
    const base = backup('2026-11-16', { slots: ['daily', 'weekly'] });
    const holding = backup('2026-11-23', { slots: ['daily', 'weekly'], parent: base.id, depth: 1 });
    const catalog = [base, holding, child('2026-11-24', '2026-11-23', 2), backup('2026-11-26')];
    expect(promoted(catalog, ['2026-11-16'])).toEqual([
      '20261126 for the weekly of 2026-11-23 instead of 20261123 until 2027-01-21',
    ]);
    // The ancestor is not in the catalog at all.
    expect(promoted(catalog.slice(1), [])).toEqual([
      '20261126 for the weekly of 2026-11-23 instead of 20261123 until 2027-01-21',
    ]);
  });

  test('an unreadable manifest may have held any slot, so each slot without a holder gets a new one', () => {
    expect(promoted(week.slice(1), ['2026-11-23'])).toEqual([
      '20261125 for the weekly of 2026-11-23 instead of 20261123 until 2027-01-20',
      '20261125 for the monthly of 2026-11 instead of 20261123 until 2027-11-25',
      '20261125 for the yearly of 2026 instead of 20261123 until 2029-11-25',
    ]);
    expect(promoted(week, ['2026-11-26'])).toEqual([
      '20261123 for the yearly of 2026 instead of 20261126 until 2029-11-23',
    ]);
  });

  test('two lost holders of one period have one replacement', () => {
    const second = backup('2026-11-24', { slots: ['daily', 'weekly'] });
    expect(promoted([holder, second, backup('2026-11-25')], ['2026-11-23', '2026-11-24'])).toEqual([
      '20261125 for the weekly of 2026-11-23 instead of 20261123 until 2027-01-20',
      '20261125 for the monthly of 2026-11 instead of 20261123 until 2027-11-25',
    ]);
  });

  test.each([
    ['a moment before the end', '2027-01-20T02:59:59Z', 1],
    ['at the end', '2027-01-20T03:00:00Z', 0],
    ['later', '2027-06-01T00:00:00Z', 0],
  ])('a week whose time is over needs nobody: %s', (_title, now, weekly) => {
    const found = promoted(week, ['2026-11-23'], new Date(now));
    expect(found.filter((each) => each.includes('weekly'))).toHaveLength(weekly);
    expect(found.filter((each) => each.includes('monthly'))).toHaveLength(1);
  });

  test('a slot that is no longer configured needs no replacement', () => {
    expect(promoted(week, ['2026-11-23'], NOW, { ...RETENTION, weekly: 0, monthly: 0 })).toEqual(
      [],
    );
  });
});
