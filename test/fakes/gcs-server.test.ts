import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';
import { startGcsServer } from './gcs-server/server.ts';

const DAY = 86_400_000;
const start = new Date('2026-11-23T00:00:00Z');
function after(days: number): Date {
  return new Date(start.getTime() + days * DAY);
}
function patch(url: string, change: unknown): Promise<Response> {
  return fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
}

describe('the fake of Google Cloud Storage', () => {
  test('says that it is a fake and listens on the loopback address only', async () => {
    const { url } = await gcsServer();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(url);
    expect(answer.headers.get('x-fake')).toBe('lifeboat-fake-gcs');
    expect(await answer.text()).toContain('this is a fake');
  });

  test('does not keep a large body on request, but still computes its checksum', async () => {
    const server = await startGcsServer({ buckets: { [BUCKET]: {} }, large: 'nowhere' });
    try {
      const [size, small] = [9 * 2 ** 20, Buffer.from('small')];
      const store = gcsStore(server.url);
      const large = await store.create('large', Buffer.alloc(size, 7));
      expect(await store.stat('large')).toMatchObject({ size, crc32c: large?.crc32c });
      await store.create('small', small);
      expect(await collect(store.read('small'))).toEqual(small);
      expect((await fetch(`${server.url}/storage/v1/b/${BUCKET}/o/large?alt=media`)).status).toBe(
        410,
      );
    } finally {
      await server.close();
    }
  });

  test('moves Custom-Time only later and never removes it', async () => {
    const { url } = await gcsServer();
    await gcsStore(url).create('one', Buffer.from('x'), { expires: after(10) });
    const object = `${url}/storage/v1/b/${BUCKET}/o/one`;
    expect((await patch(object, { customTime: after(8).toISOString() })).status).toBe(400);
    expect((await patch(object, { customTime: null })).status).toBe(400);
    expect((await patch(object, { customTime: after(12).toISOString() })).status).toBe(200);
  });

  test('deletes and overwrites no object with a hold', async () => {
    const { url } = await gcsServer();
    const store = gcsStore(url);
    await store.create('one', Buffer.from('x'));
    await store.hold('one', true);
    const refused = await fetch(`${url}/storage/v1/b/${BUCKET}/o/one`, { method: 'DELETE' });
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('is under active Temporary hold'),
    ]);
    await expect(
      store.replace('one', Buffer.from('y'), (await store.stat('one'))?.generation),
    ).rejects.toMatchObject({
      code: 'store_denied',
    });
    await store.hold('one', false);
    expect((await fetch(`${url}/storage/v1/b/${BUCKET}/o/one`, { method: 'DELETE' })).status).toBe(
      204,
    );
  });

  test.each([
    ['fresh', 5, false, 3, false],
    ['expired by an hour', 3, false, 3 + 1 / 24, true],
    ['held', 3, true, 100, false],
    ['younger than a day', 0.5, false, 0.9, false],
  ])('its lifecycle does what the rules say: %s', async (_, expiresIn, held, days, deleted) => {
    const server = await gcsServer();
    server.clock = start;
    const store = gcsStore(server.url);
    await store.create('databases/one', Buffer.from('x'), { expires: after(expiresIn) });
    await store.create('databases/forever', Buffer.from('x'));
    await store.create('state/one', Buffer.from('x'), { expires: after(expiresIn) });
    if (held) await store.hold('databases/one', true);
    server.clock = after(days);
    expect(await server.bucket(BUCKET).applyLifecycle()).toEqual(deleted ? ['databases/one'] : []);
  });

  test('refuses an unknown lifecycle rule instead of ignoring it', async () => {
    const server = await startGcsServer({
      buckets: {
        x: {
          lifecycle: {
            rule: [{ action: { type: 'Delete' }, condition: { createdBefore: '2020-01-01' } }],
          },
        },
      },
    });
    await gcsStore(server.url, { bucket: 'x' }).create('one', Buffer.from('x'));
    await expect(server.bucket('x').applyLifecycle()).rejects.toThrow('createdBefore');
    await server.close();
  });

  test('runs as a program that ends on SIGTERM', async () => {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'gcs-server/main.ts'),
      '--bucket',
      BUCKET,
      '--stdin',
    ]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    expect(await gcsStore(url).create('one', Buffer.from('x'))).toBeDefined();
    expect(await (await fetch(`${url}/fake/calls`)).json()).toHaveLength(1);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(
      promisify(execFile)(process.execPath, [
        join(import.meta.dirname, 'gcs-server/main.ts'),
        '--unknown',
      ]),
    ).rejects.toThrow();
  });
});
