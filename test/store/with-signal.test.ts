import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { withSignal } from '../../core/store/with-signal.ts';
import { isPrunable, type Store } from '../../core/store/store.ts';
import { storeContract } from '../contract/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { folder } from '../support/files.ts';

storeContract('a store that can be interrupted', async () =>
  withSignal(createMemoryStore(), new AbortController().signal),
);

const BODY = Buffer.from('body');
const never = () => new Promise<never>(() => undefined);
const standing = () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) });
/** A fake: none of its methods ever responds. */
const still: Store = {
  url: 'still',
  create: never,
  stat: never,
  read: standing,
  list: standing,
  extend: never,
  hold: never,
  replace: never,
};
const reading = (pieces: () => AsyncIterable<Uint8Array>): Store => ({ ...still, read: pieces });
const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const each of stream) void each;
};
const CALLS: Record<string, (store: Store) => Promise<unknown>> = {
  create: (store) => store.create('a', BODY),
  stat: (store) => store.stat('a'),
  read: (store) => drain(store.read('a')),
  list: (store) => drain(store.list('')),
  extend: (store) => store.extend('a', new Date()),
  hold: (store) => store.hold('a', true),
  replace: (store) => store.replace('a', BODY, undefined),
};

describe('a store that does not respond', () => {
  test.each(Object.keys(CALLS))('rejects as soon as the signal aborts: %s', async (name) => {
    const stop = new AbortController();
    const call = CALLS[name]?.(withSignal(still, stop.signal));
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 'interrupted' });
  });

  test.each(Object.keys(CALLS))('is not called after the signal: %s', async (name) => {
    const store = createMemoryStore();
    await expect(CALLS[name]?.(withSignal(store, AbortSignal.abort()))).rejects.toMatchObject({
      code: 'interrupted',
    });
    await expect(store.stat('a')).resolves.toBeUndefined();
  });

  test('rejects in the middle of a stream, after the pieces that came before', async () => {
    const stop = new AbortController();
    async function* pieces() {
      yield Buffer.from('one');
      await never();
    }
    const got: string[] = [];
    const work = (async () => {
      for await (const piece of withSignal(reading(pieces), stop.signal).read('a')) {
        got.push(Buffer.from(piece).toString());
        setTimeout(() => stop.abort(), 5);
      }
    })();
    await expect(work).rejects.toMatchObject({ code: 'interrupted' });
    expect(got).toEqual(['one']);
  });
});

test('a consumer that stops early waits until its stream is closed', async () => {
  const closed: string[] = [];
  async function* pieces() {
    try {
      yield BODY;
      yield BODY;
    } finally {
      await Promise.resolve();
      closed.push('closed');
    }
  }
  for await (const piece of withSignal(reading(pieces), new AbortController().signal).read('a')) {
    expect(piece).toEqual(BODY);
    break;
  }
  expect(closed).toEqual(['closed']);
});

test('no listener stays on the signal after a call has ended', async () => {
  const { signal } = new AbortController();
  const store = withSignal(createMemoryStore(), signal);
  await store.create('a', BODY);
  await drain(store.read('a'));
  await expect(store.extend('b', new Date())).rejects.toMatchObject({ code: 'not_found' });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a store with a signal keeps its other methods', () => {
  expect(isPrunable(withSignal(createDirectoryStore(folder()), new AbortController().signal))).toBe(
    true,
  );
});
