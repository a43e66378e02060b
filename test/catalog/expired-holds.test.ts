import { expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { DATABASE, DAY, simulateBackup, type Settings } from '../support/simulated-backup.ts';

const SETTINGS: Settings = {
  retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0 },
  timeZone: 'UTC',
};

test('what a crash left held is released although the bucket has not deleted its expired manifest yet', async () => {
  const store = createMemoryStore();
  const clock = { now: new Date('2026-11-23T03:00:00Z') };
  const now = () => clock.now;
  const backUp = async (): Promise<string> => {
    clock.now = new Date(clock.now.getTime() + 2 * DAY);
    const request = { key: clock.now.toISOString(), requestedAt: clock.now, kind: 'full' } as const;
    return simulateBackup({ store, now, attempt: 'a' }, SETTINGS, request);
  };
  const first = await backUp();
  await backUp();
  await backUp();
  // A process that releases the manifest before the objects died between them.
  const held = `databases/${DATABASE}/${first}/a/fingerprints`;
  await store.hold(held, true);
  await backUp();
  const { objects, manifests } = await createCatalog(store, { olderKeys: [] }, now).list(DATABASE);
  expect(manifests.map(({ id }) => id)).not.toContain(first);
  expect(objects.has(`databases/${DATABASE}/${first}/manifest.json`)).toBe(true);
  expect(objects.get(held)?.held).toBe(false);
});
