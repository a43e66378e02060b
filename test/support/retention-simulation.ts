import { expect } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { manifestKey, type Manifest } from '../../core/format/manifest.ts';
import { verified } from '../../core/catalog/chain.ts';
import { heldIds } from '../../core/catalog/retention.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { mortalStore } from '../fakes/mortal-store.ts';
import {
  DATABASE,
  DAY,
  faultsOf,
  simulateBackup,
  type SimulatedRequest,
  type Settings,
} from './simulated-backup.ts';
import type { Retention } from '../../core/config/types.ts';

const START = Date.UTC(2026, 0, 1, 3);
const RETENTIONS: readonly Retention[] = [
  { daily: 5, weekly: 3, monthly: 4, yearly: 1 },
  { daily: 2, weekly: 0, monthly: 2, yearly: 2 },
  { daily: 9, weekly: 5, monthly: 0, yearly: 0 },
  { daily: 1, weekly: 2, monthly: 6, yearly: 0 },
];
const MOST = { daily: 9, weekly: 5, monthly: 6, yearly: 2 };
const ZONES = ['UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Pacific/Auckland'];
/** The longest that any object is kept: two years, plus the three days by which data outlives its manifest. */
const LONGEST = 2 * 366 + 4;

/** A small random generator (mulberry32), so that a seed repeats a run. */
const seeded = (seed: number) => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    chance: (one: number, of: number) => below(of) < one,
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
  };
};
type Random = ReturnType<typeof seeded>;

/** Yields a random number of turns before each call, so that simultaneous runs interleave differently each time. */
const jittery = (store: Store, random: Random): Store => {
  const wait = async (): Promise<void> => {
    for (let turns = random.below(6); turns > 0; turns -= 1) await Promise.resolve();
  };
  const late =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await wait();
      return work(...args);
    };
  return {
    ...store,
    create: late(store.create),
    stat: late(store.stat),
    extend: late(store.extend),
    hold: late(store.hold),
  };
};

/** Simulates years of backups over a bucket that deletes what has expired, and checks every day. */
export const simulateYears = async (seed: number, years: number) => {
  const random = seeded(seed);
  const store: MemoryStore = createMemoryStore();
  const clock = { now: new Date(START) };
  const now = (): Date => clock.now;
  const catalog = createCatalog(store, { olderKeys: [] }, now);
  let settings: Settings = { retention: RETENTIONS[0] as Retention, timeZone: 'UTC' };
  /** Every backup ever committed, with its expiry at that time. */
  const promised = new Map<string, Date>();
  /** The newest two backups at the end of the last run that set their holds. */
  let guarded: string[] = [];
  const crashes: number[] = [];
  const counts = { runs: 0, crashes: 0, atOnce: 0, paused: 0, most: 0 };
  let day = 0;

  const label = (text: string): string => `seed ${seed}, day ${day}: ${text}`;
  const learn = async (): Promise<readonly Manifest[]> => {
    const { manifests } = await catalog.list(DATABASE);
    for (const { id, expires } of manifests)
      if (!promised.has(id)) promised.set(id, new Date(expires));
    return manifests;
  };
  let attempts = 0;
  const attempt = (on: Store, request: SimulatedRequest) =>
    simulateBackup({ store: on, now, attempt: `a${(attempts += 1)}` }, settings, request);
  const crash = async (request: SimulatedRequest): Promise<void> => {
    counts.crashes += 1;
    crashes.push(day);
    await attempt(
      mortalStore(store, 1 + random.below(60), random.chance(1, 2)).store,
      request,
    ).catch((error: unknown) => {
      if (!String(error).includes('died at call')) throw error;
    });
    // A run that died after it had set its holds has moved them on from the older backup.
    const newest = verified(await learn()).slice(-2);
    const { objects } = await catalog.list(DATABASE);
    if (newest.every(({ id }) => objects.get(manifestKey(DATABASE, id))?.held))
      guarded = newest.map(({ id }) => id);
  };
  const succeed = async (requests: readonly SimulatedRequest[]): Promise<void> => {
    counts.runs += requests.length;
    const ids = await Promise.all(
      requests.map((each) => attempt(requests.length > 1 ? jittery(store, random) : store, each)),
    );
    const manifests = await learn();
    const newest = verified(manifests).slice(-2);
    guarded = newest.map(({ id }) => id);
    const listed = manifests.map(({ id }) => id);
    expect(
      ids.filter((id) => !listed.includes(id)),
      label('made but not listed'),
    ).toEqual([]);
    const { objects } = await catalog.list(DATABASE);
    const held = heldIds(manifests);
    const heldKeys = [...objects.values()]
      .filter((each) => each.held)
      .map(({ key }) => key.split('/')[2] ?? '');
    // Two simultaneous runs may each set holds that the other has released; the next run releases them.
    if (requests.length === 1)
      expect([...new Set(heldKeys)].sort(), label('held')).toEqual([...held].sort());
  };
  const requestOf = (n: number): SimulatedRequest => ({
    key: `${day} ${n}`,
    requestedAt: clock.now,
    reason: random.chance(1, 12) ? 'pre-deploy' : 'schedule',
    kind: random.chance(1, 20) ? 'full' : 'auto',
  });
  const check = async (): Promise<void> => {
    expect(await faultsOf(catalog), label('listed but not whole')).toEqual([]);
    const { manifests, objects } = await catalog.list(DATABASE);
    const listed = new Set(manifests.map(({ id }) => id));
    const lost = [...promised]
      .filter(([id, expires]) => expires > clock.now && !listed.has(id))
      .map(([id]) => id);
    expect(lost, label('deleted before its expiry')).toEqual([]);
    expect(
      guarded.filter((id) => !listed.has(id)),
      label('of the newest two, deleted'),
    ).toEqual([]);
    expect(
      [...objects.values()].filter(({ expires }) => !expires).map(({ key }) => key),
      label('never expires'),
    ).toEqual([]);
    // At most four runs a day; increments keep a backup at most a week longer; two simultaneous runs may both take a slot.
    const backups = 4 * (MOST.daily + 8) + 2 * (MOST.weekly + MOST.monthly + MOST.yearly) + 3;
    const leftovers = 2 * crashes.filter((at) => at > day - LONGEST).length + 2 * counts.atOnce;
    expect(objects.size, label('grows')).toBeLessThanOrEqual(3 * backups + leftovers);
    counts.most = Math.max(counts.most, objects.size);
  };

  let pause = 0;
  for (; day < years * 365; day += 1) {
    clock.now = new Date(START + day * DAY + random.below(3_600_000));
    if (pause === 0 && random.chance(1, 90))
      pause = 3 + random.below(random.chance(1, 3) ? 500 : 40);
    if (random.chance(1, 120))
      settings = { retention: random.pick(RETENTIONS), timeZone: random.pick(ZONES) };
    if (pause > 0) {
      pause -= 1;
      counts.paused += 1;
    } else if (!random.chance(1, 12)) {
      const first = requestOf(1);
      if (random.chance(1, 6)) await crash(first);
      // The message may be delivered again, sometimes twice at once or together with another one.
      clock.now = new Date(clock.now.getTime() + 600_000);
      const atOnce = random.chance(1, 15);
      if (atOnce) counts.atOnce += 1;
      if (!random.chance(1, 8))
        await succeed(atOnce ? [first, random.chance(1, 2) ? first : requestOf(2)] : [first]);
      clock.now = new Date(clock.now.getTime() + 600_000);
      if (random.chance(1, 15)) await succeed([requestOf(3)]);
    }
    clock.now = new Date(clock.now.getTime() + 6 * 3_600_000);
    // The lifecycle is up to three days late and deletes in any order.
    store.lifecycle(
      clock.now,
      ({ expires }) =>
        random.chance(1, 2) && (expires?.getTime() ?? 0) > clock.now.getTime() - 3 * DAY,
    );
    await check();
  }
  // Once retired, nothing outlives the longest retention: no leftover, no hold, no forgotten object.
  await catalog.retire(DATABASE, settings.retention.daily);
  store.lifecycle(new Date(clock.now.getTime() + LONGEST * DAY));
  const left: string[] = [];
  for await (const { key } of store.list('databases/')) left.push(key);
  expect(left, label('left over')).toEqual([]);
  return counts;
};
