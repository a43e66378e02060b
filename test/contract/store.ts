import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createCrc32c } from '../../core/lib/bytes/crc32c.ts';
import type { Store } from '../../core/store/store.ts';
const soon = new Date('2030-01-01T00:00:00Z');
const later = new Date('2031-01-01T00:00:00Z');

/** The promises of every store; each adapter and each fake runs this suite. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps the contract of a store`, () => {
    test('reads back what was created, with size and CRC32C', async () => {
      const store = await open();
      const body = Buffer.alloc(300_000, 'lifeboat');
      const crc = await createCrc32c();
      crc.update(body);
      const created = await store.create('databases/a/data', body, { expires: soon });
      expect(created).toMatchObject({
        key: 'databases/a/data',
        size: 300_000,
        crc32c: crc.hex(),
        expires: soon,
        held: false,
      });
      expect(await store.stat('databases/a/data')).toEqual(created);
      expect(await read(store, 'databases/a/data')).toBe(body.toString());
    });

    test('takes a stream or an empty body', async () => {
      const store = await open();
      const stream = async function* () {
        yield text('one ');
        yield text('two');
      };
      await store.create('streamed', stream());
      await store.create('empty', text(''));
      expect([await read(store, 'streamed'), await read(store, 'empty')]).toEqual(['one two', '']);
      expect((await store.stat('empty'))?.size).toBe(0);
    });

    test.each([1, 262_143, 262_144, 262_145, 524_288, 1_048_576, 1_048_577, 3_000_000])(
      'returns %d bytes that were written in pieces of odd sizes',
      async (size) => {
        const store = await open();
        const body = Buffer.from(
          Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255),
        );
        const pieces = async function* () {
          for (let at = 0, step = 1; at < size; at += step, step = (step * 7 + 1) % 100_003)
            yield body.subarray(at, at + step);
        };
        const crc = await createCrc32c();
        crc.update(body);
        expect(await store.create('a/large', pieces())).toMatchObject({ size, crc32c: crc.hex() });
        const parts: Uint8Array[] = [];
        for await (const part of store.read('a/large')) {
          // A piece stays as it is while the store reads the next one.
          await setImmediate();
          parts.push(Uint8Array.from(part));
        }
        expect(Buffer.concat(parts).equals(body)).toBe(true);
      },
    );

    test('lets a reader stop at any time and read again', async () => {
      const store = await open();
      await store.create('one', Buffer.alloc(3_000_000, 'x'));
      for await (const part of store.read('one')) if (part.length > 0) break;
      const unread = store.read('one')[Symbol.asyncIterator]();
      await unread.next();
      await unread.return?.();
      expect(await read(store, 'one')).toHaveLength(3_000_000);
    });

    test('closes a body that it does not need', async () => {
      const store = await open();
      await store.create('one', text('first'));
      const seen = { begun: false, ended: false };
      const body = async function* () {
        seen.begun = true;
        try {
          for (let n = 0; n < 100; n += 1) yield Buffer.alloc(100_000);
        } finally {
          seen.ended = true;
        }
      };
      expect(await store.create('one', body())).toBeUndefined();
      expect(seen.ended).toBe(seen.begun);
      expect(await read(store, 'one')).toBe('first');
    });

    test.each(['', '/a', 'a/', 'a//b', '../a', 'a/../b', '.hidden', 'a b', 'a\nb', 'ä'])(
      'refuses the key %j in every call',
      async (key) => {
        const store = await open();
        for (const call of [
          () => store.create(key, text('x')),
          () => store.stat(key),
          () => read(store, key),
          () => store.extend(key, soon),
          () => store.hold(key, true),
          () => store.replace(key, text('x'), undefined),
        ])
          await expect(call()).rejects.toMatchObject({ code: 'internal' });
      },
    );

    test('changes the generation with the content, but not with expiry or hold', async () => {
      const store = await open();
      const created = await store.create('one', text('x'), { expires: soon });
      await store.extend('one', later);
      await store.hold('one', true);
      await store.hold('one', false);
      expect((await store.stat('one'))?.generation).toBe(created?.generation);
      expect(await store.replace('one', text('y'), created?.generation)).toBe(true);
      expect((await store.stat('one'))?.generation).not.toBe(created?.generation);
    });

    test('describes an object in a list as stat does', async () => {
      const store = await open();
      for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'a/5'])
        await store.create(key, text(key), key === 'a/3' ? {} : { expires: soon });
      await store.hold('a/2', true);
      const listed: unknown[] = [];
      for await (const object of store.list('a/')) listed.push(object);
      expect(listed).toEqual(
        await Promise.all(['a/1', 'a/2', 'a/3', 'a/4', 'a/5'].map((key) => store.stat(key))),
      );
    });

    test('does not change an object that exists', async () => {
      const store = await open();
      await store.create('one', text('first'), { expires: soon });
      expect(await store.create('one', text('second'), { expires: later })).toBeUndefined();
      expect(await read(store, 'one')).toBe('first');
      expect((await store.stat('one'))?.expires).toEqual(soon);
    });

    test('lets exactly one of many simultaneous calls create an object', async () => {
      const store = await open();
      const created = await Promise.all(
        Array.from({ length: 8 }, (_, n) => store.create('race', text(String(n)))),
      );
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await read(store, 'race')).toBe(String(created.findIndex(Boolean)));
    });

    test('leaves nothing of a body that fails', async () => {
      const store = await open();
      const broken = async function* () {
        yield text('half');
        throw new Error('the source broke');
      };
      await expect(store.create('half', broken())).rejects.toThrow('the source broke');
      expect(await store.stat('half')).toBeUndefined();
      expect(await keys(store, '')).toEqual([]);
      expect(await store.create('half', text('whole'))).toBeDefined();
    });

    test('reports a missing object as undefined in stat, and as not_found elsewhere', async () => {
      const store = await open();
      expect(await store.stat('no/such')).toBeUndefined();
      await expect(read(store, 'no/such')).rejects.toMatchObject({ code: 'not_found' });
      await expect(store.extend('no/such', soon)).rejects.toMatchObject({ code: 'not_found' });
      await expect(store.hold('no/such', true)).rejects.toMatchObject({ code: 'not_found' });
      expect(await keys(store, 'no/')).toEqual([]);
    });

    test('lists the objects of a folder, and no others, in the order of their keys', async () => {
      const store = await open();
      for (const key of ['a/2', 'a/10', 'a/b/c', 'ab/1', 'b']) await store.create(key, text(key));
      expect(await keys(store, 'a/')).toEqual(['a/10', 'a/2', 'a/b/c']);
      expect(await keys(store, '')).toEqual(['a/10', 'a/2', 'a/b/c', 'ab/1', 'b']);
    });

    test('lists the objects of a folder without those of the folders below it', async () => {
      const store = await open();
      for (const key of ['a/2', 'a/b/c', 'a/c', 'ab/1', 'b']) await store.create(key, text(key));
      expect(await keys(store, 'a/', { shallow: true })).toEqual(['a/2', 'a/c']);
      expect(await keys(store, '', { shallow: true })).toEqual(['b']);
      expect(await keys(store, 'c/', { shallow: true })).toEqual([]);
    });

    test('moves an expiry only later', async () => {
      const store = await open();
      await store.create('one', text('x'), { expires: soon });
      await store.extend('one', new Date('2029-01-01T00:00:00Z'));
      expect((await store.stat('one'))?.expires).toEqual(soon);
      await store.extend('one', later);
      await store.extend('one', soon);
      expect((await store.stat('one'))?.expires).toEqual(later);
    });

    test('never gives an expiry to an object without one', async () => {
      const store = await open();
      await store.create('one', text('x'));
      await store.extend('one', soon);
      expect((await store.stat('one'))?.expires).toBeUndefined();
    });

    test('sets and releases a hold, and changes nothing else', async () => {
      const store = await open();
      await store.create('one', text('x'), { expires: soon });
      await store.hold('one', true);
      await store.hold('one', true);
      expect(await store.stat('one')).toMatchObject({ held: true, expires: soon });
      await store.hold('one', false);
      expect(await store.stat('one')).toMatchObject({ held: false, expires: soon, size: 1 });
    });

    test('keeps all simultaneous changes of one object', async () => {
      const store = await open();
      await store.create('one', text('x'), { expires: soon });
      await Promise.all([
        store.hold('one', true),
        store.extend('one', later),
        store.extend('one', new Date('2030-06-01T00:00:00Z')),
      ]);
      expect(await store.stat('one')).toMatchObject({ held: true, expires: later });
    });

    test('replaces an object only if its generation is the given one', async () => {
      const store = await open();
      expect(await store.replace('state/a.json', text('1'), undefined)).toBe(true);
      expect(await store.replace('state/a.json', text('2'), undefined)).toBe(false);
      const seen = await store.stat('state/a.json');
      expect(await store.replace('state/a.json', text('22'), seen?.generation)).toBe(true);
      expect(await store.replace('state/a.json', text('333'), seen?.generation)).toBe(false);
      expect(await read(store, 'state/a.json')).toBe('22');
      const rivals = (await store.stat('state/a.json'))?.generation;
      const won = await Promise.all(
        ['x', 'y', 'z'].map((value) => store.replace('state/a.json', text(value), rivals)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
    });
  });
}

async function read(store: Store, key: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(key)) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts).toString();
}

function text(value: string): Uint8Array {
  return Buffer.from(value);
}

async function keys(
  store: Store,
  prefix: string,
  options?: Parameters<Store['list']>[1],
): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix, options)) found.push(key);
  return found;
}
