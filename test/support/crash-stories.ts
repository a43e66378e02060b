import { expect } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { manifestKey } from '../../core/format/manifest.ts';
import { verified } from '../../core/catalog/chain.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { mortalStore } from '../fakes/mortal-store.ts';
import { DATABASE, DAY, faultsOf, simulateBackup } from './simulated-backup.ts';

const SETTINGS = { retention: { daily: 3, weekly: 2, monthly: 2, yearly: 1 }, timeZone: 'UTC' };
const LONGEST = 370;
export const at = (day: number): Date => new Date(Date.UTC(2026, 0, 1, 3) + day * DAY);

const run = async (
  store: MemoryStore | ReturnType<typeof mortalStore>['store'],
  day: number,
  attempt = 'a',
): Promise<string> =>
  simulateBackup({ store, now: () => at(day), attempt: `${attempt}${day}` }, SETTINGS, {
    key: `day ${day}`,
    requestedAt: at(day),
  });

/** The newest two, or the newest two of those that are held. */
export const newest = async (store: MemoryStore, day: number, held = false): Promise<string[]> => {
  const { manifests, objects } = await createCatalog(store, { olderKeys: [] }, () => at(day)).list(
    DATABASE,
  );
  return verified(manifests)
    .filter(({ id }) => !held || objects.get(manifestKey(DATABASE, id))?.held)
    .slice(-2)
    .map(({ id }) => id);
};

/** Lets the bucket delete each day; nothing that is listed may ever lack anything, and `kept` must stay. The day after the last. */
export const pass = async (
  store: MemoryStore,
  from: number,
  days: number,
  kept: readonly string[],
  what: string,
): Promise<number> => {
  let day = from;
  const catalog = createCatalog(store, { olderKeys: [] }, () => at(day));
  for (; day < from + days; day += 1) {
    store.lifecycle(at(day));
    // Between two deletions nothing else changes.
    if (day % 5 !== 0 && day - from > 30) continue;
    expect(await faultsOf(catalog), `${what}, day ${day}`).toEqual([]);
    const ids = (await catalog.list(DATABASE)).manifests.map(({ id }) => id);
    expect(
      kept.filter((id) => !ids.includes(id)),
      `kept: ${what}, day ${day}`,
    ).toEqual([]);
  }
  return day;
};

export const begin = async (days: number): Promise<MemoryStore> => {
  const store = createMemoryStore();
  for (let day = 0; day < days; day += 1) {
    await run(store, day);
    store.lifecycle(at(day));
  }
  return store;
};

type Story = readonly [title: string, ended: number, day: number];
/** The unit suite has this one, the system suite all others. */
export const SAMPLE: Story = ['the second increment', 2, 2];
/** The day of the run that crashes. Earlier runs were daily until `ended`. Day 0 is a Thursday. */
export const STORIES: readonly Story[] = [
  ['the first backup of all', 0, 0],
  ['an increment after a week', 7, 7],
  ['the full one of a new week', 11, 11],
  ['the one that follows, and lets go of the chain of the week before', 12, 12],
  ['the first one after a year without, when what is held is long past its time', 10, 400],
  ['the second one after it, which lets that go', 10, 401],
];

/** Crashes the run of that day at each of its calls, and checks what follows. */
export const expectSafeCrashes = async (ended: number, day: number): Promise<void> => {
  const start = await begin(ended);
  for (let quiet = ended; quiet < day; quiet += 1) start.lifecycle(at(quiet));
  if (day === 401) await run(start, 400);
  const before = await newest(start, day);
  const trial = mortalStore(start.clone(), 0, false);
  await run(trial.store, day);
  expect(trial.calls()).toBeGreaterThan(10);
  for (let call = 1; call <= trial.calls(); call += 1)
    for (const afterwards of [false, true]) {
      const what = `call ${call}${afterwards ? ', after its effect' : ''}`;
      const store = start.clone();
      await expect(run(mortalStore(store, call, afterwards).store, day)).rejects.toThrow(
        /died at call/,
      );

      // Nobody ever comes back: two are held, of which at most one is the new one.
      const kept = await newest(store, day, true);
      expect(kept.length, what).toBeGreaterThanOrEqual(before.length);
      expect(kept, what).toEqual(expect.arrayContaining(before.slice(-1)));
      await pass(store.clone(), day, 45, kept, `${what}, then nothing`);

      // The same request comes once more and gives the same backup; then nothing for longer than anything lives.
      const again = store.clone();
      const id = await run(again, day, 'b');
      expect(await newest(again, day)).toContain(id);
      await pass(again, day, 45, await newest(again, day), `${what}, then again`);

      // Somebody comes back after the daily time has passed, and everything is retired after that.
      const later = store.clone();
      let next = await pass(later, day, 5, kept, `${what}, then a pause`);
      await run(later, next);
      next = await pass(
        later,
        next,
        40,
        await newest(later, next),
        `${what}, then a pause and a run`,
      );
      await createCatalog(later, { olderKeys: [] }, () => at(next)).retire(DATABASE, 3);
      next = await pass(later, next, 3, [], `${what}, retired`);
      later.lifecycle(at(next + LONGEST));
      const left: string[] = [];
      for await (const { key } of later.list('databases/')) left.push(key);
      expect(left, what).toEqual([]);
    }
};
