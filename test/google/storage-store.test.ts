import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openStorage } from '../../core/google/storage/client.ts';
import { toLifeboatError } from '../../core/lib/errors.ts';
import { toResource } from '../../core/google/storage/object.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';
import { judgeBucket } from '../../core/watch/bucket.ts';
import { isBucket } from '../../core/store/store.ts';
import { storeContract } from '../contract/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { plan } from '../fakes/gcs-server/faults.ts';
import { BUCKET, FAST, gcsServer, gcsStore } from '../support/gcs.ts';

storeContract('the GCS store', async () => gcsStore((await gcsServer({ pageSize: 2 })).url));
storeContract('the GCS store below a prefix, in small chunks', async () =>
  gcsStore((await gcsServer()).url, { prefix: 'teams/shop', tuning: { chunkSize: 256 * 1024 } }),
);

storeContract('the GCS store over a server that omits default values', async () =>
  gcsStore((await gcsServer({ omitsDefaults: true })).url),
);

// Any emulator that has a bucket acme-backups.
const emulator = process.env['LIFEBOAT_TEST_GCS_ENDPOINT'];
if (emulator !== undefined)
  storeContract('the GCS store over an emulator', async () =>
    createGcsStore({
      bucket: BUCKET,
      prefix: `test-${randomBytes(6).toString('hex')}`,
      clients: () => openStorage({ endpoint: emulator }),
    }),
  );

const soon = new Date('2030-01-01T00:00:00Z');
const bytes = Buffer.alloc(1_000_000, 'x');
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 90_000) yield bytes.subarray(at, at + 90_000);
}
const drain = async (input: AsyncIterable<unknown>): Promise<void> => {
  for await (const each of input) void each;
};

describe('the GCS store', () => {
  test('is known as a bucket, whose rules can be looked at', async () => {
    const { url } = await gcsServer();
    const store = gcsStore(url, { prefix: 'shop' });
    expect([isBucket(store), isBucket(createMemoryStore())]).toEqual([true, false]);
    expect(judgeBucket(await store.bucketFacts(), '')).toMatchObject([{ level: 'ok' }]);
    expect(judgeBucket(await store.bucketFacts(), store.prefix)).toHaveLength(3);
  });

  test('says which rights the identity has on the whole bucket, and what time it is there', async () => {
    const server = await gcsServer();
    const asked = ['storage.objects.delete', 'storage.objects.list'];
    const before = Date.now();
    const { granted, at } = await gcsStore(server.as('backup')).access(asked);
    expect(granted).toEqual(['storage.objects.list']);
    expect(Math.abs((at?.getTime() ?? 0) - before)).toBeLessThan(60_000);
    expect((await gcsStore(server.url).access(asked)).granted).toEqual(asked);
  });

  test('sets Custom-Time a day before the expiry, and checks nothing by deleting', async () => {
    const server = await gcsServer();
    await gcsStore(server.url).create('databases/one', bytes, { expires: soon });
    expect(server.bucket(BUCKET).find('databases/one').meta.customTime).toBe(
      '2029-12-31T00:00:00.000Z',
    );
    expect(server.calls.map(({ kind }) => kind)).toEqual(['insert']);
  });

  test('sends a stream in chunks of which each is confirmed, with the checksum announced at the end', async () => {
    const server = await gcsServer();
    await gcsStore(server.url, { tuning: { ...FAST, chunkSize: 262_144 } }).create('one', pieces());
    expect(server.calls.map(({ kind, range }) => `${kind} ${range}`.trim())).toEqual([
      'session',
      'chunk bytes 0-262143/*',
      'chunk bytes 262144-524287/*',
      'chunk bytes 524288-786431/*',
      'chunk bytes 786432-999999/1000000',
    ]);
  });

  test.each(['small', 'large'])(
    'tells the 412 of its own lost success from an object of somebody else: %s',
    async (size) => {
      const server = await gcsServer();
      const store = gcsStore(server.url, { tuning: { ...FAST, chunkSize: 262_144 } });
      const last =
        size === 'small' ? ({ kind: 'insert' } as const) : ({ kind: 'chunk', at: 4 } as const);
      const body = () => (size === 'small' ? bytes.subarray(0, 100) : pieces());
      server.faults = plan([{ fault: { type: 'reset', afterwards: true }, ...last }]);
      expect(await store.create('mine', body())).toMatchObject({
        size: size === 'small' ? 100 : 1_000_000,
      });
      server.faults = plan([{ fault: { type: 'status', status: 503 }, ...last }]);
      await gcsStore(server.url).create('theirs', Buffer.from('theirs'));
      expect(await store.create('theirs', body())).toBeUndefined();
    },
  );

  test('believes that an object is there when it may create and not read', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.as('restoreTest'));
    expect(await store.create('reports/a/1.json', bytes)).toBeDefined();
    expect(await store.create('reports/a/1.json', bytes)).toBeUndefined();
    server.faults = plan([{ fault: { type: 'reset', afterwards: true } }]);
    expect(await store.create('reports/b/1.json', bytes)).toBeUndefined();
  });

  test('takes an empty object without a size for empty, and no other', async () => {
    const { url } = await gcsServer({ omitsDefaults: true });
    const store = gcsStore(url, { tuning: { ...FAST, chunkSize: 262_144 } });
    for (const [key, body] of [
      ['whole', new Uint8Array()],
      ['streamed', (async function* () {})()],
    ] as const) {
      expect(await store.create(key, body)).toMatchObject({ size: 0, crc32c: '00000000' });
      expect(await store.stat(key)).toMatchObject({ size: 0 });
      await drain(store.read(key));
    }
    const sizes: number[] = [];
    for await (const { size } of store.list('')) sizes.push(size);
    expect(sizes).toEqual([0, 0]);
    expect(toResource({ name: 'x', crc32c: 'AAAAAA==' }).size).toBe(0);
    expect(toResource({ name: 'x', crc32c: 'AAAAAQ==' }).size).toBeNaN();
    expect(toResource({ name: 'x' }).size).toBeNaN();
  });

  test('goes on with a cut download where it stopped, with the same generation', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.url);
    await store.create('one', Buffer.alloc(3_000_000, 'y'));
    server.reset();
    server.faults = plan([{ kind: 'download', fault: { type: 'cut', after: 700_000 }, times: 3 }]);
    await drain(store.read('one'));
    const ranges = server.calls.map(({ range }) => range);
    expect(ranges).toHaveLength(4);
    expect(ranges[0]).toBe('');
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d+-$/.test(range))).toBe(true);
    const { generation } = server.bucket(BUCKET).find('one').meta;
    expect(server.calls.slice(1).every(({ url }) => url.includes(`generation=${generation}`))).toBe(
      true,
    );
  });

  test('does not mix two generations of a summary that is replaced while it is read', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.url);
    const first = await store.create('state/a', Buffer.alloc(3_000_000, '1'));
    server.faults = plan([{ kind: 'download', fault: { type: 'cut', after: 700_000 } }]);
    const reading = async (): Promise<void> => {
      for await (const piece of store.read('state/a'))
        if (piece.length > 0)
          await store.replace('state/a', Buffer.alloc(3_000_000, '2'), first?.generation);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([1000, 3_000_000])(
    'tells %d bytes that changed on the way from those that are stored so',
    async (size) => {
      const server = await gcsServer();
      const store = gcsStore(server.url);
      await store.create('one', Buffer.alloc(size, 'y'));
      const fault = { type: 'corrupt', at: 10 } as const;
      server.faults = plan([{ kind: 'download', fault }]);
      // What is small is read again; of what is large some was given away already.
      const code = await drain(store.read('one')).then(
        () => 'right',
        (error: unknown) => toLifeboatError(error).code,
      );
      expect(code).toBe(size < 2 ** 20 ? 'right' : 'store_unreachable');
      server.faults = plan([{ kind: 'download', fault, times: Infinity }]);
      await expect(drain(store.read('one'))).rejects.toMatchObject({ code: 'backup_damaged' });
    },
  );

  test('a consumer may be slower than the time after which a transfer counts as standing still', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.url);
    await store.create('one', Buffer.alloc(3_000_000, 'y'));
    let slept = 0;
    let size = 0;
    for await (const piece of store.read('one')) {
      size += piece.length;
      if ((slept += 1) <= 2)
        await new Promise((resolve) => setTimeout(resolve, (FAST.idleMs ?? 0) * 2));
    }
    expect(size).toBe(3_000_000);
  });

  test('extends and holds only as it read: what another run did in between is kept', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.url);
    await store.create('one', bytes, { expires: soon });
    let meddled = false;
    server.faults = (call) => {
      if (call.kind !== 'patch' || meddled) return undefined;
      meddled = true;
      server
        .bucket(BUCKET)
        .patch(
          'one',
          { customTime: '2040-01-01T00:00:00Z', temporaryHold: true },
          new URLSearchParams(),
        );
      return undefined;
    };
    await store.extend('one', new Date('2031-01-01T00:00:00Z'));
    expect(await store.stat('one')).toMatchObject({
      held: true,
      expires: new Date('2040-01-02T00:00:00Z'),
    });
  });

  test('"custom time cannot be decreased" is a success when the expiry is late enough already', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.url);
    await store.create('one', bytes, { expires: soon });
    const message = 'Custom time cannot be decreased. Previously: 2040-01-01T00:00:00+00:00.';
    server.faults = (call) => {
      if (call.kind !== 'patch') return undefined;
      server
        .bucket(BUCKET)
        .patch('one', { customTime: '2040-01-01T00:00:00Z' }, new URLSearchParams());
      return { type: 'status', status: 400, message };
    };
    await store.extend('one', new Date('2031-01-01T00:00:00Z'));
    expect((await store.stat('one'))?.expires).toEqual(new Date('2040-01-02T00:00:00Z'));
  });

  test('lists past what is not its own', async () => {
    const server = await gcsServer();
    const store = gcsStore(server.url);
    await store.create('a/one', bytes.subarray(0, 1));
    const upload = `${server.url}/upload/storage/v1/b/${BUCKET}/o?uploadType=multipart`;
    const body = '--x\r\n\r\n{}\r\n--x\r\n\r\n\r\n--x--';
    for (const name of ['a/', 'a/with space', 'a/ä'])
      await fetch(`${upload}&name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { 'content-type': 'multipart/related; boundary=x' },
        body,
      });
    expect(server.bucket(BUCKET).names()).toHaveLength(4);
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['a/one']);
  });
});
