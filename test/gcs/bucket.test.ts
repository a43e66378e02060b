import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { openStorage, type StorageClients } from '../../core/google/storage/client.ts';
import { judgeBucket } from '../../core/watch/bucket.ts';
import { createGcsStore } from '../../core/google/storage/store.ts';
import { storeContract } from '../contract/store.ts';
import { parseStoreAddress } from '../../core/config/store-address.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    gcs: { url: string; endpoint?: string };
  }
}

// Against a real bucket, by `npm run test:gcs -- gs://bucket/prefix`. Everything lands below prefix/test-<random>/ and is deleted at the end.
const { url, endpoint } = inject('gcs');
const place = parseStoreAddress(url, '/');
if (place.kind !== 'gs') throw new Error(`${url} is no bucket`);
const { bucket, prefix } = place;
const run = [prefix, `test-${randomBytes(4).toString('hex')}`]
  .filter((part) => part !== '')
  .join('/');
let opened: Promise<StorageClients> | undefined;
const clients = () => (opened ??= openStorage(endpoint === undefined ? {} : { endpoint }));
let stores = 0;
const fresh = (below = run) =>
  createGcsStore({ bucket, prefix: `${below}/${(stores += 1)}`, clients });
const call = async (
  method: 'GET' | 'PATCH' | 'DELETE',
  name: string,
  query: Record<string, string> = {},
  json?: unknown,
): Promise<number> => {
  const { send } = await clients();
  try {
    const answer = await send({
      method,
      url: `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`,
      query,
      signal: AbortSignal.timeout(30_000),
      ...(json === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/json' },
            body: Buffer.from(JSON.stringify(json)),
          }),
    });
    return answer.status;
  } catch (error) {
    const status = (error as { status?: number }).status;
    if (status === undefined) throw error;
    return status;
  }
};

beforeAll(() => async () => {
  const all = createGcsStore({ bucket, prefix: run, clients });
  for await (const { key, held } of all.list('')) {
    if (held) await all.hold(key, false);
    await call('DELETE', `${run}/${key}`);
  }
});

storeContract(`the bucket ${url}`, async () => fresh());

describe('what the fake was built to resemble', () => {
  const soon = new Date(Date.now() + 10 * 86_400_000);
  const object = async () => {
    const store = fresh();
    await store.create('one', Buffer.from('x'), { expires: soon });
    return { store, name: `${store.prefix}/one` };
  };

  test('a create on what exists answers 412', async () => {
    const { store } = await object();
    expect(await store.create('one', Buffer.from('y'))).toBeUndefined();
  });

  test('Custom-Time does not move earlier and cannot be removed', async () => {
    const { name } = await object();
    expect(await call('PATCH', name, {}, { customTime: new Date().toISOString() })).toBe(400);
    expect(await call('PATCH', name, {}, { customTime: null })).toBe(400);
  });

  test('what is held is neither deleted nor overwritten', async () => {
    const { store, name } = await object();
    await store.hold('one', true);
    expect(await call('DELETE', name)).toBe(403);
    await expect(
      store.replace('one', Buffer.from('y'), (await store.stat('one'))?.generation),
    ).rejects.toMatchObject({
      code: 'store_denied',
    });
    await store.hold('one', false);
    expect(await call('DELETE', name)).toBe(204);
  });

  test('a change on an old metageneration answers 412', async () => {
    const { store, name } = await object();
    await store.hold('one', true);
    expect(
      await call('PATCH', name, { ifMetagenerationMatch: '1' }, { temporaryHold: false }),
    ).toBe(412);
  });

  test('announced bytes that do not come are refused', async () => {
    const { send } = await clients();
    const parts = [
      '--x',
      'content-type: application/json',
      '',
      '{"crc32c":"AAAAAA=="}',
      '--x',
      'content-type: text/plain',
      '',
      'other',
      '--x--',
      '',
    ];
    const sent = send({
      method: 'POST',
      url: `/upload/storage/v1/b/${bucket}/o`,
      query: { name: `${run}/wrong`, uploadType: 'multipart', ifGenerationMatch: '0' },
      headers: { 'content-type': 'multipart/related; boundary=x' },
      body: Buffer.from(parts.join('\r\n')),
      signal: AbortSignal.timeout(30_000),
    });
    await expect(sent).rejects.toMatchObject({ status: 400 });
  });

  test('a bucket that does not exist is told from an absent object', async () => {
    const absent = createGcsStore({
      bucket: `no-such-${randomBytes(8).toString('hex')}`,
      prefix: '',
      clients,
    });
    await expect(absent.stat('one')).rejects.toMatchObject({
      code: expect.stringMatching(/^store_/) as string,
    });
    expect(await fresh().stat('one')).toBeUndefined();
  });

  test('a missing permission is named', async () => {
    // Nobody but Google may write into its public data.
    const foreign = endpoint === undefined ? 'gcp-public-data-landsat' : undefined;
    if (foreign === undefined) return expect(endpoint).toBeDefined();
    const store = createGcsStore({ bucket: foreign, prefix: 'lifeboat', clients });
    await expect(store.create('one', Buffer.from('x'))).rejects.toMatchObject({
      code: 'store_denied',
      facts: { permission: 'storage.objects.create' },
    });
  });

  test('the bucket has the rules that backups need', async () => {
    const facts = await createGcsStore({ bucket, prefix, clients }).bucketFacts();
    expect(judgeBucket(facts, prefix).filter(({ level }) => level === 'fault')).toEqual([]);
  });
});
