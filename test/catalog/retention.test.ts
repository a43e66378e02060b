import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../core/format/manifest.ts';
import { chainOf, chooseParent } from '../../core/catalog/chain.ts';
import { expiryOf, heldIds, periodOf, takeSlots } from '../../core/catalog/retention.ts';

const retention = { daily: 14, weekly: 8, monthly: 12, yearly: 3 };
const backup = (day: string, more: Partial<Manifest> = {}): Manifest =>
  ({
    id: `${day.replaceAll('-', '')}T030000Z-00000000`,
    takenAt: `${day}T03:00:00.000Z`,
    salvage: false,
    slots: ['daily'],
    parent: null,
    base: null,
    depth: 0,
    pageSize: 4096,
    encryption: null,
    chain: { salt: 'a', keyed: false },
    inspection: { verdict: 'ok' },
    objects: [{ role: 'data' }, { role: 'fingerprints' }],
    ...more,
  }) as Manifest;

describe('slots', () => {
  test.each([
    ['weekly', '2026-11-23T02:59:59Z', 'America/Sao_Paulo', '2026-11-16'],
    ['weekly', '2026-11-23T03:00:00Z', 'America/Sao_Paulo', '2026-11-23'],
    ['monthly', '2026-12-01T00:01:00Z', 'UTC', '2026-12'],
    ['monthly', '2026-12-01T00:01:00Z', 'America/Sao_Paulo', '2026-11'],
    ['yearly', '2026-12-31T15:00:00Z', 'Asia/Tokyo', '2027'],
    ['weekly', '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-23'],
  ] as const)('%s of %s in %s is %s', (slot, moment, zone, period) => {
    expect(periodOf(slot, new Date(moment), zone)).toBe(period);
  });

  test('the first backup takes every slot, the next one in the same week only its day', () => {
    const first = takeSlots(
      [],
      { takenAt: new Date('2026-11-23T03:00:00Z'), reason: 'schedule' },
      { retention, timeZone: 'UTC' },
    );
    expect(first).toEqual(['daily', 'weekly', 'monthly', 'yearly']);
    const catalog = [backup('2026-11-23', { slots: first })];
    expect(
      takeSlots(
        catalog,
        { takenAt: new Date('2026-11-24T03:00:00Z'), reason: 'schedule' },
        { retention, timeZone: 'UTC' },
      ),
    ).toEqual(['daily']);
    expect(
      takeSlots(
        catalog,
        { takenAt: new Date('2026-11-30T03:00:00Z'), reason: 'schedule' },
        { retention, timeZone: 'UTC' },
      ),
    ).toEqual(['daily', 'weekly']);
    expect(
      takeSlots(
        catalog,
        { takenAt: new Date('2026-11-30T03:00:00Z'), reason: 'pre-deploy' },
        { retention, timeZone: 'UTC' },
      ),
    ).toEqual(['daily']);
  });

  test('a salvage copy takes no slot from a backup', () => {
    const catalog = [backup('2026-11-23', { slots: ['daily', 'weekly'], salvage: true })];
    expect(
      takeSlots(
        catalog,
        { takenAt: new Date('2026-11-24T03:00:00Z'), reason: 'manual' },
        { retention, timeZone: 'UTC' },
      ),
    ).toContain('weekly');
  });

  test('the longest slot decides how long a backup is kept', () => {
    const at = new Date('2026-11-23T03:00:00Z');
    expect(expiryOf(at, ['daily'], retention, 'UTC').toISOString()).toBe(
      '2026-12-07T03:00:00.000Z',
    );
    expect(expiryOf(at, ['daily', 'yearly'], retention, 'UTC').toISOString()).toBe(
      '2029-11-23T03:00:00.000Z',
    );
  });
});

describe('chains', () => {
  const base = backup('2026-11-20');
  const child = backup('2026-11-21', { parent: base.id, base: base.id, depth: 1 });
  const grandchild = backup('2026-11-22', { parent: child.id, base: base.id, depth: 2 });
  const request = {
    kind: 'auto',
    now: new Date('2026-11-23T03:00:00Z'),
    fullEveryMs: 7 * 86_400_000,
    pageSize: 4096,
    recipients: [],
    keyed: false,
    longSlot: false,
  } as const;

  test('start at the base, and are incomplete when an ancestor is missing', () => {
    expect(chainOf([grandchild, base, child], grandchild)).toEqual([base, child, grandchild]);
    expect(chainOf([grandchild, base], grandchild)).toBeUndefined();
  });

  test('holds cover the newest two and what they need', () => {
    expect(heldIds([backup('2026-11-01'), base, child, grandchild])).toEqual(
      new Set([base.id, child.id, grandchild.id]),
    );
  });

  test('the newest verified backup is the parent, unless a full one is due', () => {
    const catalog = [base, child];
    expect(chooseParent(catalog, request)).toBe(child);
    expect(chooseParent([], request)).toBeUndefined();
    for (const change of [
      { kind: 'full' },
      { longSlot: true },
      { pageSize: 8192 },
      { recipients: ['age1a'] },
      { fullEveryMs: 3 * 86_400_000 },
      { keyed: true },
    ] as const)
      expect(chooseParent(catalog, { ...request, ...change })).toBeUndefined();
    expect(chooseParent([...catalog, backup('2026-11-22', { salvage: true })], request)).toBe(
      child,
    );
    expect(
      chooseParent([base, { ...child, objects: child.objects.slice(0, 1) }], request),
    ).toBeUndefined();
  });

  test('an encrypted chain of an older version is continued by a full backup', () => {
    const encrypted = (chain: Manifest['chain']) =>
      backup('2026-11-20', { chain, encryption: { recipients: ['age1a'] } });
    const keyed = { ...request, recipients: ['age1a'], keyed: true };
    const older = encrypted({ salt: 'a', keyed: true });
    const current = encrypted({ salt: 'a', keyed: true, numbered: true });
    expect(chooseParent([older], keyed)).toBeUndefined();
    expect(chooseParent([older], { ...keyed, kind: 'incremental' })).toBeUndefined();
    expect(chooseParent([current], keyed)).toBe(current);
  });

  test('a chain of 32 attaches to its base', () => {
    const long = Array.from({ length: 33 }, (_, n) =>
      backup('2026-11-21', {
        id: `20261121T0300${String(n).padStart(2, '0')}Z-00000000`,
        takenAt: `2026-11-21T03:00:${String(n).padStart(2, '0')}.000Z`,
        depth: n,
        parent: n === 0 ? null : `20261121T0300${String(n - 1).padStart(2, '0')}Z-00000000`,
      }),
    );
    expect(chooseParent(long, request)).toBe(long[0]);
  });
});
