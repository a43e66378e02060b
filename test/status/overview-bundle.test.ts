import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import type { Context } from '../../core/context.ts';
import type { StatusDocument } from '../../core/documents/status.ts';
import { areEnoughAt, summaryFacts, withoutOlderBackups } from '../../core/state/facts.ts';
import {
  OVERVIEW_BUNDLE_KEY,
  readOverviewBundle,
  writeOverviewBundle,
} from '../../core/state/overview-bundle.ts';
import { saveOverviewBundle } from '../../core/state/overview-facts.ts';
import type { State } from '../../core/state/state.ts';
import { databaseStatus } from '../../core/status/database.ts';
import { status, type SelectRuns } from '../../core/status/status.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store.ts';
import { generatedState, NOW } from '../support/generated-states.ts';

const NAMES = Array.from({ length: 110 }, (_, n) => `db${String(n).padStart(3, '0')}`);
// Two databases have no configuration, and two have no summary.
const config = parseConfig(
  `databases: { ${[...NAMES.slice(2), 'new1', 'new2']
    .map((name) => `${name}: { source: ${name}.db, schedule: "0 3 * * *" }`)
    .join(', ')} }`,
  '/',
);
const STATES = fc.sample(generatedState, { seed: 18, numRuns: NAMES.length });
const none: SelectRuns = () => [];
const firstThree: SelectRuns = (databases) => databases.slice(0, 3);

/** A store with a summary of each database, which counts what is read. */
async function world() {
  const memory = createMemoryStore();
  for (const [n, name] of NAMES.entries())
    await put(memory, name, { ...STATES[n], database: name });
  await memory.replace('state/_store.json', Buffer.from('{}'), undefined);
  await memory.replace('state/damaged/db000.json', Buffer.from('{}'), undefined);
  const reads: string[] = [];
  const warnings: string[] = [];
  const store: Store = {
    ...memory,
    read: (key) => {
      reads.push(key);
      return memory.read(key);
    },
  };
  const context = {
    store,
    now: () => NOW,
    log: (_: string, message: string) => void warnings.push(message),
  } as unknown as Context;
  const save = (limitMs = 60_000) => saveOverviewBundle(context, limitMs);
  const load = async (selectRuns?: SelectRuns) => {
    reads.length = 0;
    return status(context, config, { fromSummaries: true, selectRuns });
  };
  return { memory, store, context, reads, warnings, save, load };
}

async function put(store: Store, name: string, value: unknown): Promise<void> {
  const key = `state/${name}.json`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  await store.replace(key, Buffer.from(text), (await store.stat(key))?.generation);
}

async function putBundle(store: MemoryStore, bytes: Uint8Array): Promise<void> {
  const current = await store.stat(OVERVIEW_BUNDLE_KEY);
  await store.replace(OVERVIEW_BUNDLE_KEY, bytes, current?.generation);
}

/** What a client gets: without the runs that nobody asked for. */
function sent(document: StatusDocument, selectRuns: SelectRuns): unknown {
  const selected = new Set(selectRuns(document.databases).map(({ name }) => name));
  const databases = document.databases.map((each) => ({
    ...each,
    runs: selected.has(each.name) ? each.runs : [],
  }));
  return JSON.parse(JSON.stringify({ ...document, databases }));
}

describe('the bundle of the overview', () => {
  test('gives the status of a database at every moment for which its facts are enough', async () => {
    const moment = fc.integer({ min: -50, max: 50 }).map((h) => new Date(+NOW + h * 3_600_000));
    let enough = 0;
    await fc.assert(
      fc.asyncProperty(generatedState, moment, moment, async (state, saved, now) => {
        const store = createMemoryStore();
        const facts = withoutOlderBackups(summaryFacts(state), saved);
        await writeOverviewBundle(store, [{ database: 'shop', generation: '1', facts }], undefined);
        const bundled = (await readOverviewBundle(store)).get('shop')?.facts;
        if (!bundled) throw new Error('not bundled');
        if (now >= saved) expect(areEnoughAt(bundled, now)).toBe(true);
        if (!areEnoughAt(bundled, now)) return;
        enough += 1;
        const { runs } = state;
        const of = (each: typeof facts) =>
          databaseStatus({ name: 'db005', facts: each, runs, job: 'no-deployment' }, config, now);
        expect(JSON.stringify(of(bundled))).toBe(JSON.stringify(of(summaryFacts(state))));
      }),
      { seed: 18, numRuns: 150 },
    );
    expect(enough).toBeGreaterThan(100);
  });

  test('gives the same document as reading every summary, in a few reads', async () => {
    const { save, load, reads } = await world();
    const whole = await load();
    expect(reads).toHaveLength(NAMES.length);
    expect(new Set(whole.databases.flatMap(({ reasons }) => reasons)).size).toBeGreaterThan(7);
    const missing = await load(firstThree);
    expect(reads).toHaveLength(1 + NAMES.length + 3);
    await save();
    for (const select of [firstThree, none]) {
      const bundled = await load(select);
      expect(reads).toHaveLength(1 + select(bundled.databases).length);
      expect(sent(bundled, select)).toEqual(sent(whole, select));
      expect(JSON.stringify(bundled)).toBe(JSON.stringify(sent(whole, select)));
    }
    expect(sent(missing, firstThree)).toEqual(sent(whole, firstThree));
  });

  test('is passed over for a summary that was written, garbled or deleted since', async () => {
    const { memory, save, load, reads, store } = await world();
    await save();
    await put(memory, 'db003', { ...STATES[9], database: 'db003' });
    await put(memory, 'db004', '{');
    await put(memory, 'db111', { ...STATES[7], database: 'db111' });
    const gone = new Set(['state/db006.json']);
    store.list = async function* (...args) {
      for await (const object of memory.list(...args)) if (!gone.has(object.key)) yield object;
    };
    const bundled = await load(none);
    expect(reads.toSorted()).toEqual(
      [OVERVIEW_BUNDLE_KEY, 'state/db003.json', 'state/db004.json', 'state/db111.json'].sort(),
    );
    expect(sent(bundled, none)).toEqual(sent(await load(), none));
  });

  test('keeps of a summary what it had when it was listed, and reads it the next time', async () => {
    const { memory, store, save, load, reads } = await world();
    // Between the listing and the reading, a run ends.
    store.read = async function* (key) {
      if (key === 'state/db008.json')
        await put(memory, 'db008', { ...STATES[3], database: 'db008' });
      yield* memory.read(key);
    };
    await save();
    store.read = (key) => {
      reads.push(key);
      return memory.read(key);
    };
    await load(none);
    expect(reads).toEqual([OVERVIEW_BUNDLE_KEY, 'state/db008.json']);
  });

  const readOnly = world();
  const entry = (facts: unknown, generation = '1') => ({
    database: 'db005',
    generation,
    facts,
  });
  const facts = summaryFacts(STATES[0] as State);
  test.each<[string, Uint8Array]>([
    ['no gzip', Buffer.from('{}')],
    ['gzip of too much', gzipSync(Buffer.alloc(33 << 20, ' '))],
    ...[
      null,
      [],
      'text',
      { lifeboat: 1 },
      { lifeboat: 1, databases: {} },
      { lifeboat: 1, databases: [null, 1, 'x', [], {}] },
      { lifeboat: 2, databases: [entry(facts, '6')] },
      { lifeboat: 1, databases: [entry({ ...facts, count: '7' }, '6')] },
      { lifeboat: 1, databases: [entry({ ...facts, backups: [{}] }, '6')] },
      { lifeboat: 1, databases: [entry({ ...facts, lastBackupRun: 1 }, '6')] },
      { lifeboat: 1, databases: [entry({ ...facts, failedRuns: {} }, '6')] },
      { lifeboat: 1, databases: [entry({ ...facts, keptUntil: undefined }, '6')] },
      { lifeboat: 1, databases: [entry({ ...facts, count: 400, backups: [] }, '6')] },
      { lifeboat: 1, databases: [entry(null, '6'), entry(facts, '5')] },
      JSON.parse(
        '{"lifeboat":1,"databases":[{"database":"__proto__","generation":"1","facts":{}}]}',
      ),
    ].map((value): [string, Uint8Array] => [
      JSON.stringify(value).slice(0, 60),
      gzipSync(JSON.stringify(value)),
    ]),
  ])('is not used when it is damaged, foreign or hostile: %s', async (_, bytes) => {
    const { memory, load, reads } = await readOnly;
    await putBundle(memory, bytes);
    const document = await load(none);
    expect(reads).toHaveLength(1 + NAMES.length);
    expect(sent(document, none)).toEqual(sent(await load(), none));
  });
});

test('a huge bundle of the overview is read up to 32 MiB', async () => {
  let pieces = 0;
  const read = async function* () {
    for (;;) {
      pieces += 1;
      yield Buffer.alloc(2 ** 20);
    }
  };
  expect((await readOverviewBundle({ ...createMemoryStore(), read })).size).toBe(0);
  expect(pieces).toBe(33);
});

describe('a watch', () => {
  test('writes the bundle when a summary has changed, come or gone, and only then', async () => {
    const { memory, save, reads } = await world();
    const generation = async () => (await memory.stat(OVERVIEW_BUNDLE_KEY))?.generation;
    await save();
    const first = await generation();
    reads.length = 0;
    await save();
    expect([reads, await generation()]).toEqual([[OVERVIEW_BUNDLE_KEY], first]);
    await put(memory, 'db003', { ...STATES[9], database: 'db003' });
    reads.length = 0;
    await save();
    expect(reads).toEqual([OVERVIEW_BUNDLE_KEY, 'state/db003.json']);
    expect(await generation()).not.toBe(first);
    expect((await readOverviewBundle(memory)).size).toBe(NAMES.length);
  });

  test('that runs beside another one leaves the bundle of the faster one', async () => {
    const { memory, store, save, warnings } = await world();
    const faster = Buffer.from('written by the other watch');
    store.replace = async (key, body, generation) => {
      await putBundle(memory, faster);
      return memory.replace(key, body, generation);
    };
    await save();
    expect((await memory.stat(OVERVIEW_BUNDLE_KEY))?.size).toBe(faster.length);
    expect(warnings).toEqual([]);
  });

  test('writes no bundle of fewer than 100 databases', async () => {
    const { memory, store, save, load, reads } = await world();
    store.list = async function* (...args) {
      let n = 0;
      for await (const object of memory.list(...args)) if ((n += 1) < 100) yield object;
    };
    await save();
    expect(await memory.stat(OVERVIEW_BUNDLE_KEY)).toBeUndefined();
    await load(firstThree);
    expect(reads).not.toContain(OVERVIEW_BUNDLE_KEY);
  });

  test.each<[string, Partial<Store>]>([
    ['refuses', { replace: () => Promise.reject(new LifeboatError('store_denied', 'no', 'Ask.')) }],
    ['does not respond', { stat: () => new Promise<never>(() => undefined) }],
  ])('logs a warning and goes on when the store %s', async (_, broken) => {
    const { store, save, warnings } = await world();
    Object.assign(store, broken);
    await save(50);
    expect(warnings).toEqual([expect.stringMatching(/^the overview of memory: was not stored: /)]);
  });

  test('leaves out a database whose facts are unusually large, which is then read', async () => {
    const { memory, save, load, reads } = await world();
    const state = STATES[0] as State;
    const [backup] = STATES.flatMap(({ backups }) => backups);
    const fault = { level: 'damaged', reason: 'x'.repeat(100) } as const;
    const backups = Array.from({ length: 100 }, () => ({ ...backup, fault }));
    await put(memory, 'db000', { ...state, database: 'db000', backups });
    await save();
    const bundled = await load(none);
    expect(reads).toEqual([OVERVIEW_BUNDLE_KEY, 'state/db000.json']);
    expect(sent(bundled, none)).toEqual(sent(await load(), none));
  });
});
