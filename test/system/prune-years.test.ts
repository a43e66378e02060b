import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import type { Retention } from '../../core/config/types.ts';
import type { PrunableStore } from '../../core/store/store.ts';
import { tidyStore } from '../../core/upkeep/prune.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { DATABASE, DAY, simulateBackup } from '../support/simulated-backup.ts';

const START = Date.UTC(2026, 0, 1, 3);
const DEFAULTS: Retention = { daily: 14, weekly: 8, monthly: 12, yearly: 3 };
const YEAR = 365 * DAY;

/** Backs up on these days and deletes what has expired, as in a folder, with a clock that may be wrong. */
async function simulate(
  days: readonly number[],
  offsetAt: (run: number, day: number) => number = () => 0,
) {
  const memory = createMemoryStore();
  const store: PrunableStore = {
    ...memory,
    remove: async (key, now) => {
      memory.lifecycle(now, (object) => object.key !== key);
      return (await memory.stat(key)) === undefined;
    },
    discard: () => Promise.reject(new Error('a backup discards nothing')),
    sweep: async () => [],
    confirm: async () => undefined,
  };
  const expiries = new Map<string, number>();
  const lost = new Set<string>();
  const listed = async (now: () => Date) => {
    const { manifests } = await createCatalog(store, { olderKeys: [] }, now).list(DATABASE);
    return manifests;
  };
  for (const [run, day] of days.entries()) {
    const rightMs = START + Math.round(day * DAY);
    const offset = offsetAt(run, day);
    const now = () => new Date(rightMs + offset);
    const request = { key: `run ${run}`, requestedAt: now() };
    const settings = { retention: DEFAULTS, timeZone: 'UTC' };
    const id = await simulateBackup({ store, now, attempt: `a${run}` }, settings, request);
    await tidyStore({ now, log: () => undefined }, store);
    const manifests = await listed(() => new Date(rightMs));
    const made = manifests.find((each) => each.id === id);
    if (made && offset === 0) expiries.set(id, Date.parse(made.expires));
    for (const [each, expires] of expiries)
      if (expires > rightMs && !manifests.some((manifest) => manifest.id === each)) lost.add(each);
  }
  let left = 0;
  for await (const { key } of store.list(`databases/`))
    if (key.endsWith('/manifest.json')) left += 1;
  return { lost: [...lost], left };
}

function every(pause: number, times: number, from = 0): number[] {
  return Array.from({ length: times }, (_, n) => from + n * pause);
}

describe('a folder store whose backups delete what has expired', () => {
  test.each<[string, number]>([
    ['ten days ahead', 10 * DAY],
    ['twenty days ahead', 20 * DAY],
    ['a year ahead', YEAR],
    ['a year back', -YEAR],
  ])('loses nothing to a clock that is %s for five days', async (_, offset) => {
    const wrong = await simulate(every(1, 60), (run) => (run >= 40 && run < 45 ? offset : 0));
    expect(wrong.lost).toEqual([]);
    // When the clock is right again, it deletes again.
    expect(wrong.left).toBeLessThan(40);
  });

  test('loses nothing to a clock that is a year ahead at one of its yearly backups', async () => {
    const { lost } = await simulate(every(365, 8), (run) => (run === 5 ? YEAR : 0));
    expect(lost).toEqual([]);
  });

  test.each([
    ['hour', 1, 21],
    ['six hours', 6, 21],
    ['six hours', 6, 44],
  ])(
    'loses nothing when it is used every %s and old backups are months apart',
    async (_, hours, ahead) => {
      const months = every(30.5, 14);
      const frequent = every(hours / 24, (6 * 24) / hours, 430);
      const { lost } = await simulate([...months, ...frequent], (__, day) =>
        day >= 435 && day < 435.5 ? ahead * DAY : 0,
      );
      expect(lost).toEqual([]);
    },
  );

  test.each([
    ['yearly', 365, 12, 5],
    ['monthly', 30.5, 40, 18],
    ['weekly', 7, 120, 26],
  ])('deletes what has expired when it is used only %s', async (_, everyDays, times, most) => {
    const { lost, left } = await simulate(every(everyDays, times));
    expect(lost).toEqual([]);
    expect(left).toBeLessThanOrEqual(most);
  });
});
