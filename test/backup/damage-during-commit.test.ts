import { expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { changeDamage } from '../../core/catalog/damage.ts';
import { manifestKey } from '../../core/format/manifest.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { DATABASE, DAY, simulateBackup } from '../support/simulated-backup.ts';

test('a backup that is found damaged while another one is committed gets no hold', async () => {
  const store = createMemoryStore();
  const retention = { daily: 14, weekly: 8, monthly: 12, yearly: 3 };
  const startMs = Date.UTC(2026, 10, 23, 3);
  const now = () => new Date(startMs + day * DAY);
  let day = 0;
  const backup = (to: Store) =>
    simulateBackup(
      { store: to, now, attempt: `a${day}` },
      { retention, timeZone: 'UTC' },
      { key: `run ${day}`, requestedAt: now(), kind: 'full' },
    );
  const oldest = await backup(store);
  day = 1;
  const damaged = await backup(store);
  const record = {
    id: damaged,
    at: now().toISOString(),
    by: 'verify',
    problems: ['a flipped bit'],
    restores: false,
    decoded: false,
  } as const;
  const verifiedMeanwhile: Store = {
    ...store,
    create: async (key, body, options) => {
      if (key.endsWith('/manifest.json'))
        await changeDamage(store, DATABASE, () => new Map([[damaged, record]]));
      return store.create(key, body, options);
    },
  };
  day = 2;
  const newest = await backup(verifiedMeanwhile);
  const { objects } = await createCatalog(store, { olderKeys: [] }, now).list(DATABASE);
  const isHeld = (id: string) => objects.get(manifestKey(DATABASE, id))?.held;
  expect([oldest, damaged, newest].map(isHeld)).toEqual([true, false, true]);
});
