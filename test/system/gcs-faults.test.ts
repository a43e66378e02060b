import { describe, expect, test } from 'vitest';
import { isLifeboatError } from '../support/gcs.ts';
import type { Tuning } from '../../core/google/storage/calls.ts';
import type { BucketStore } from '../../core/store/store.ts';
import { plan } from '../fakes/gcs-server/faults.ts';
import type { Call, Fault } from '../fakes/gcs-server/types.ts';
import { BUCKET, FAST, gcsServer, gcsStore } from '../support/gcs.ts';

const MIB = 2 ** 20;
const soon = new Date('2030-01-01T00:00:00Z');
const later = new Date('2031-01-01T00:00:00Z');
const bytes = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 255));
const [small, large] = [bytes(1000), bytes(1_200_000)];
const gather = async (input: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of input) parts.push(part);
  return Buffer.concat(parts);
};
async function* pieces(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 100_000) yield body.subarray(at, at + 100_000);
}

// Each operation checks its own effect: another generation, a doubled or a lost effect fails.
const OPERATIONS: Readonly<Record<string, (store: BucketStore) => Promise<void>>> = {
  'create small': async (store) => {
    expect(await store.create('a/new', small, { expires: soon })).toMatchObject({
      size: 1000,
      expires: soon,
    });
  },
  'create large': async (store) => {
    expect(await store.create('a/new', pieces(large), { expires: soon })).toMatchObject({
      size: large.length,
      expires: soon,
    });
  },
  'create what exists': async (store) => {
    expect(await store.create('a/small', small)).toBeUndefined();
    expect(await store.create('a/large', pieces(large))).toBeUndefined();
  },
  stat: async (store) => {
    expect(await store.stat('a/small')).toMatchObject({ size: 1000, expires: soon });
    expect(await store.stat('a/none')).toBeUndefined();
  },
  'read small': async (store) =>
    expect((await gather(store.read('a/small'))).equals(small)).toBe(true),
  'read large': async (store) =>
    expect((await gather(store.read('a/large'))).equals(large)).toBe(true),
  list: async (store) => {
    const keys: string[] = [];
    for await (const { key } of store.list('a/')) keys.push(key);
    expect(keys).toEqual(['a/large', 'a/small', 'a/third']);
  },
  extend: async (store) => {
    await store.extend('a/small', later);
    expect((await store.stat('a/small'))?.expires).toEqual(later);
  },
  hold: async (store) => {
    await store.hold('a/small', true);
    expect((await store.stat('a/small'))?.held).toBe(true);
  },
  replace: async (store) => {
    const before = await store.stat('a/third');
    expect(await store.replace('a/third', Buffer.from('other'), before?.generation)).toBe(true);
    expect(await store.replace('a/fourth', Buffer.from('new'), undefined)).toBe(true);
  },
  bucketFacts: async (store) =>
    expect(await store.bucketFacts()).toMatchObject({ name: BUCKET, softDeleteSeconds: 604_800 }),
};

const FAULTS: Readonly<Record<string, Fault>> = {
  '503': { type: 'status', status: 503 },
  '503 after it had worked': { type: 'status', status: 503, afterwards: true },
  '429': { type: 'status', status: 429 },
  '401': { type: 'status', status: 401 },
  '403': {
    type: 'status',
    status: 403,
    message: 'x@y does not have storage.objects.get access to the Google Cloud Storage object.',
  },
  '404': { type: 'status', status: 404 },
  '412': { type: 'status', status: 412, reason: 'conditionNotMet' },
  'a reset': { type: 'reset' },
  'a reset after it had worked': { type: 'reset', afterwards: true },
  'a cut after 0 bytes': { type: 'cut', after: 0 },
  'a cut after 700 bytes': { type: 'cut', after: 700 },
  'a cut after 200 KiB': { type: 'cut', after: 200 * 1024 },
  'a stall': { type: 'stall' },
  'a stall after 700 bytes': { type: 'stall', after: 700 },
  'changed bytes': { type: 'corrupt', at: 500 },
  'headers without checksums': { type: 'forgetful' },
  slowness: { type: 'slow', ms: 20 },
};
/** The error codes that a single fault of this kind may cause. All other faults must not be noticed. */
const HARD: Readonly<Record<string, readonly string[]>> = {
  '403': ['store_denied'],
  '404': ['not_found', 'store_unreachable'],
  '412': ['store_unreachable'],
  'changed bytes': ['store_unreachable'],
};
const CODES = ['store_unreachable', 'store_denied', 'not_found', 'backup_damaged'];

// One server for each test, whose objects are reset between two calls, because the number of requests costs the time.
const prepared = async (tuning: Partial<Tuning> = { totalMs: 3000, idleMs: 250 }) => {
  const server = await gcsServer({ pageSize: 2 });
  const store = gcsStore(server.url, { tuning: { ...FAST, chunkSize: MIB / 2, ...tuning } });
  await store.create('a/small', small, { expires: soon });
  await store.create('a/large', large, { expires: soon });
  await store.create('a/third', small);
  const { objects } = server.bucket(BUCKET);
  const before = [...objects];
  return {
    server,
    store,
    again: (): void => {
      objects.clear();
      for (const [name, object] of before) objects.set(name, object);
      server.faults = undefined;
      server.reset();
    },
    /** Earlier objects are unchanged, whatever happened. */
    untouched: (): boolean =>
      before.every(([name, { body }]) => name === 'a/third' || objects.get(name)?.body === body),
  };
};
const outcome = async (work: Promise<void>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!isLifeboatError(error)) throw error;
    return error.code;
  }
};
describe.each(Object.keys(OPERATIONS))('%s', (operation) => {
  const work = OPERATIONS[operation] as (store: BucketStore) => Promise<void>;

  test.each(Object.keys(FAULTS))('meets %s once, at each of its calls', async (name) => {
    const fault = FAULTS[name] as Fault;
    const { server, store, again, untouched } = await prepared();
    again();
    await work(store);
    const total = server.calls.length;
    expect(total).toBeGreaterThan(0);
    for (let position = 1; position <= total; position += 1) {
      again();
      server.faults = (call: Call) => (call.position === position ? fault : undefined);
      const ended = await outcome(work(store)).catch((error: unknown) => {
        // A single false 403, 404 or 412 may be believed: an existing object then counts as absent, or the other way round.
        if (['403', '404', '412'].includes(name)) return 'believed';
        throw error;
      });
      expect(['done', 'believed', ...(HARD[name] ?? [])], `call ${position} of ${total}`).toContain(
        ended,
      );
      expect(untouched()).toBe(true);
    }
  });

  test.each(Object.keys(FAULTS).filter((name) => name !== 'slowness'))(
    'meets %s permanently and ends in time',
    async (name) => {
      const { server, store, again, untouched } = await prepared({ totalMs: 300, idleMs: 150 });
      again();
      server.faults = plan([{ fault: FAULTS[name] as Fault, times: Infinity }]);
      const ended = await outcome(work(store)).catch((error: unknown) => {
        if (name === '404' || name === '412') return 'believed';
        throw error;
      });
      if (/503|429|a reset$|a stall$/.test(name) && !name.includes('after'))
        expect(ended).toBe('store_unreachable');
      else if (name === '401' || name === '403') expect(ended).toBe('store_denied');
      else expect(['done', 'believed', ...CODES]).toContain(ended);
      expect(untouched()).toBe(true);
    },
    15_000,
  );
});
