import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../core/context.ts';
import type { RunRecord, RunStart } from '../../core/documents/run.ts';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { claimRequest } from '../../core/runs/request.ts';
import { lostRuns } from '../../core/state/lost-runs.ts';
import { endedRuns, endRun, runFailureOf, openRuns, startRun } from '../../core/state/records.ts';
import { readSummary, updateNotificationMemory } from '../../core/state/state.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const RUN = '20261123T030000Z-1a2b3c4d-0a1b2c3d';
const start: RunStart = { run: RUN, operation: 'backup', startedAt: '2026-11-23T03:00:00.000Z' };

/** A store in which every object is endless; `pieces` counts the MiB that somebody took. */
function endless(): { store: Store; pieces: () => number } {
  let pieces = 0;
  const memory = createMemoryStore();
  return {
    pieces: () => pieces,
    store: {
      ...memory,
      async *read() {
        for (;;) {
          pieces += 1;
          yield Buffer.alloc(2 ** 20, ' ');
        }
      },
    },
  };
}

describe('a huge object in the store', () => {
  test('instead of the state is read up to 16 MiB, and replaced', async () => {
    const { store, pieces } = endless();
    await store.replace('state/shop.json', Buffer.from('{}'), undefined);
    const context = { store } as unknown as Context;
    expect(await readSummary(context, 'shop')).toBeUndefined();
    expect(pieces()).toBe(17);
    const memory = createMemoryStore();
    await memory.replace('state/shop.json', Buffer.alloc(17 * 2 ** 20, ' '), undefined);
    await updateNotificationMemory(memory, 'shop', () => ({ memory: { a: 1 }, result: 1 }));
    expect(String(await collect(memory.read('state/shop.json')))).toBe('{"told":{"a":1}}\n');
  });

  test('instead of a run record is not read', async () => {
    const { store, pieces } = endless();
    for (const name of ['started.json', 'ended.json'])
      await store.create(`runs/shop/${RUN}/${name}`, Buffer.alloc(2 ** 20 + 1, ' '));
    expect([await endedRuns(store, 'shop'), await openRuns(store, 'shop')]).toEqual([[], []]);
    expect(pieces()).toBe(0);
  });

  test('instead of the first request with a key is read up to one piece', async () => {
    const { store, pieces } = endless();
    const claim = { database: 'shop', key: 'k', request: {}, at: NOW };
    await claimRequest(store, claim);
    await expect(claimRequest(store, claim)).rejects.toMatchObject({ code: 'backup_damaged' });
    expect(pieces()).toBe(1);
  });
});

describe('a copy of a run record', () => {
  const record: RunRecord = {
    ...start,
    reason: 'schedule',
    steps: {},
    endedAt: '2026-11-23T03:01:00.000Z',
    durationMs: 60_000,
    ok: false,
    error: { at: '2026-11-23T03:01:00.000Z', code: 'deadline', message: 'late', hint: 'Wait.' },
  };
  /** A store with the record, which knows its MD5 as a bucket does or not, and what is read of it. */
  const stored = async (md5Of: (bytes: Buffer) => string | undefined) => {
    const memory = createMemoryStore();
    await endRun(memory, 'shop', record);
    const reads: string[] = [];
    const store: Store = {
      ...memory,
      list: async function* (prefix) {
        for await (const object of memory.list(prefix))
          yield { ...object, md5: md5Of(await collect(memory.read(object.key))) };
      },
      read: (key) => {
        reads.push(key);
        return memory.read(key);
      },
    };
    return { store, reads };
  };
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

  test('that equals the stored one saves reading it', async () => {
    const { store, reads } = await stored(md5);
    expect(await endedRuns(store, 'shop', 9, [record])).toEqual([record]);
    expect(reads).toEqual([]);
  });

  test.each<[string, (bytes: Buffer) => string | undefined]>([
    ['in a bucket', md5],
    ['in a folder', () => undefined],
  ])('that says otherwise is not believed, %s', async (_, md5Of) => {
    const { store } = await stored(md5Of);
    const forged: RunRecord = { ...record, ok: true, durationMs: 1 };
    expect(await endedRuns(store, 'shop', 9, [forged])).toEqual([record]);
  });
});

describe('a garbled record', () => {
  test.each([
    ['null'],
    ['3'],
    ['"text"'],
    ['[]'],
    ['{}'],
    ['{'],
    ['{"run":1,"startedAt":"2026-11-23T03:00:00Z"}'],
    ['{"run":"x","startedAt":"some day"}'],
  ])('of a start is ignored: %s', async (content) => {
    const store = createMemoryStore();
    await store.create(`runs/shop/${RUN}/started.json`, Buffer.from(content));
    expect(await lostRuns(store, 'shop', NOW)).toEqual([]);
  });

  test.each([['null'], ['{}'], ['{"run":"x"}'], ['{"run":"x","endedAt":5}']])(
    'of an end is ignored: %s',
    async (content) => {
      const store = createMemoryStore();
      await store.create(`runs/shop/${RUN}/ended.json`, Buffer.from(content));
      expect(await endedRuns(store, 'shop')).toEqual([]);
    },
  );

  test.each([['null'], ['{'], ['{"at":"some day","asked":""}'], ['{"at":5}']])(
    'of the first request with a key leads to an error that asks for a new key: %s',
    async (content) => {
      const store = createMemoryStore();
      const claim = { database: 'shop', key: 'k', request: {}, at: NOW };
      const recorded: Store = {
        ...store,
        async *read() {
          yield Buffer.from(content);
        },
      };
      await claimRequest(recorded, claim);
      await expect(claimRequest(recorded, claim)).rejects.toMatchObject({
        hint: 'Use a new idempotency key.',
      });
    },
  );
});

test('a message that quotes a very long name is shortened to fit into a record', async () => {
  const store = createMemoryStore();
  const error = new LifeboatError(
    'source_unhealthy',
    `the table ${'x'.repeat(2 ** 21)}`,
    'Fix it.',
  );
  await startRun(store, 'shop', start);
  expect(runFailureOf(error, NOW).message).toHaveLength(4000);
  expect(await openRuns(store, 'shop')).toEqual([start]);
});
