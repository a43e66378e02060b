import { expect, test } from 'vitest';
import { changeDamage, damageKey, readDamage } from '../../core/catalog/damage.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const idOf = (n: number): string => `20261123T030000Z-${n.toString(16).padStart(8, '0')}`;

test('records that no longer fit leave out the oldest backups, and never all of them', async () => {
  const store = createMemoryStore();
  const problems = Array.from({ length: 5 }, () => 'ü'.repeat(300));
  const common = { at: '2026-11-23T03:00:00.000Z', by: 'verify', restores: false } as const;
  const records = Array.from({ length: 2000 }, (_, n) => ({
    ...common,
    id: idOf(n),
    problems,
    decoded: false,
  }));
  await changeDamage(store, 'shop', () => new Map(records.map((each) => [each.id, each])));
  expect((await store.stat(damageKey('shop')))?.size).toBeLessThanOrEqual(4 << 20);
  const ids = [...(await readDamage(store, 'shop')).keys()];
  expect(ids.length).toBeGreaterThan(1000);
  expect(ids.sort()).toEqual(records.slice(-ids.length).map(({ id }) => id));
});
