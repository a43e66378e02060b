import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { METRICS_TYPE } from '../../core/status/metrics.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP } from '../support/app.ts';
import { parseExposition } from '../support/exposition.ts';
import { serveFunctions } from '../support/functions.ts';

const prepared = async () => {
  const served = await serveFunctions();
  const made = await (await served.app()).backup('notes', BACKUP);
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${served.state}${path}`, { headers, method });
  return { ...served, made, get };
};
const SAFE = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': expect.stringContaining("default-src 'none'"),
};

describe('the function status', () => {
  test('responds with every database, or with all about one', async () => {
    const { get, made } = await prepared();
    const all = await get('/');
    expect([all.status, all.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(await all.json()).toMatchObject({
      ok: true,
      version: 1,
      condition: 'good',
      databases: [
        {
          name: 'notes',
          condition: 'good',
          reasons: [],
          lastBackup: { id: made.id },
          runs: [{ ok: true, backup: { id: made.id } }],
        },
      ],
    });
    const one = await get('/databases/notes?format=json');
    expect([one.status, await one.json()]).toMatchObject([
      200,
      {
        ok: true,
        version: 1,
        name: 'notes',
        history: [{ id: made.id, rows: { notes: 400, tags: 133 } }],
        manifest: { id: made.id },
      },
    ]);
  });

  test.each([
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'html'],
    ['application/json,text/html;q=0.9', 'json'],
    ['text/plain', 'json'],
  ])('a client that accepts %s gets %s unless the query names a format', async (accept, form) => {
    const { get } = await prepared();
    const tagOf = async (path: string, wanted: string) =>
      (await get(path, { accept: wanted })).headers.get('etag');
    expect(await tagOf('/', accept)).toBe(await tagOf(`/?format=${form}`, 'image/png'));
    expect(await tagOf('/?format=html', accept)).not.toBe(await tagOf('/?format=json', accept));
  });

  test('responds with metrics, and with its health without reading the store', async () => {
    const { get } = await prepared();
    const metrics = await get('/metrics');
    expect([metrics.status, metrics.headers.get('content-type')]).toEqual([200, METRICS_TYPE]);
    const families = parseExposition(await metrics.text());
    expect(families.get('lifeboat_backups')?.samples).toMatchObject([
      { labels: { database: 'notes' }, value: 1 },
    ]);
    expect(families.get('lifeboat_build_info')?.samples[0]?.labels['version']).toMatch(
      /^\d+\.\d+\.\d+$/,
    );
    const { state, lines } = await serveFunctions({ configPath: '/nowhere.yaml' });
    const restoring = await fetch(`${state}/restore.md`);
    expect(restoring.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await restoring.text()).toBe(readFileSync('docs/restore.md', 'utf8'));
    const health = await fetch(`${state}/health`);
    expect([health.status, await health.json()]).toEqual([200, { ok: true }]);
    expect((await fetch(state)).status).toBe(500);
    expect(lines).toMatchObject([{ severity: 'ERROR', code: 'config_invalid' }]);
  });

  test.each([
    '/',
    '/databases/notes?format=json',
    '/metrics',
    '/health',
    '/nothing',
    '/databases/nobody',
  ])('sends %s with headers against caching, sniffing and framing', async (path) => {
    const { get } = await prepared();
    expect(Object.fromEntries((await get(path)).headers)).toMatchObject(SAFE);
    const head = await get(path, {}, 'HEAD');
    expect([await head.text(), Object.fromEntries(head.headers)]).toMatchObject(['', SAFE]);
    expect(head.headers.get('x-powered-by')).toBeNull();
  });

  test('is compressed when the client accepts it, with an ETag of its own', async () => {
    const { state } = await prepared();
    const load = async (encoding: string, path = '/') => {
      const headers = { 'accept-encoding': encoding };
      const [response] = (await once(
        request(`${state}${path}`, { headers }).end(),
        'response',
      )) as [IncomingMessage];
      return { headers: response.headers, body: await buffer(response) };
    };
    const [plain, zipped] = [await load('identity'), await load('gzip')];
    const withoutTime = (json: Buffer) => json.toString().replace(/"at":"[^"]*"/, '');
    expect(withoutTime(gunzipSync(zipped.body))).toBe(withoutTime(plain.body));
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(zipped.headers.etag).toBe(plain.headers.etag?.replace(/"$/, '-gzip"'));
    for (const { headers } of [plain, zipped]) expect(headers.vary).toBe('accept, accept-encoding');
    expect((await load('gzip;q=0')).headers['content-encoding']).toBeUndefined();
    expect((await load('gzip', '/metrics')).headers['content-encoding']).toBe('gzip');
  });

  test('leaves out runs on request, and nothing else', async () => {
    const { get, app } = await prepared();
    await (await app()).backup('notes', BACKUP);
    const load = async (path: string) =>
      (await (await get(path)).json()) as { at: string; databases: { runs: { run: string }[] }[] };
    const { databases } = await load('/');
    const runs = databases[0]?.runs ?? [];
    expect(runs).toHaveLength(2);
    expect((await load('/?runs=0')).databases).toEqual([{ ...databases[0], runs: [] }]);
    expect((await load('/?runs=1')).databases).toEqual([{ ...databases[0], runs: [runs[1]] }]);
    expect((await load('/?runs=90')).databases).toEqual(databases);
    for (const bad of ['', '-1', '91', 'all', '1.5'])
      expect(await (await get(`/?runs=${bad}`)).json()).toMatchObject({ code: 'usage' });
  });

  test('comes in pages on request, and whole without one', async () => {
    const { get } = await prepared();
    const load = async (path: string) =>
      (await (await get(path)).json()) as { databases: unknown[]; paging?: object };
    const whole = await load('/?page=2');
    expect([whole.databases.length, whole.paging]).toEqual([1, undefined]);
    expect(await load('/?limit=1')).toMatchObject({
      databases: whole.databases,
      paging: { page: 1, pages: 1, limit: 1, count: 1 },
    });
    expect((await load('/?limit=1&page=2')).databases).toEqual([]);
    for (const bad of ['', '0', '1001', 'all', '1.5', '-1'])
      expect(await (await get(`/?limit=${bad}`)).json()).toMatchObject({ code: 'usage' });
  });

  test('has an ETag that ignores the moment, and does not send the same document again', async () => {
    const { get, app } = await prepared();
    const etag = async (path: string) => (await get(path)).headers.get('etag') ?? '';
    for (const path of ['/', '/databases/notes?format=json']) {
      const tag = await etag(path);
      expect(tag).toMatch(/^"[\w-]{43}-gzip"$/);
      expect(await etag(path)).toBe(tag);
      const again = await get(path, { 'if-none-match': `"other", ${tag}` });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
      expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    }
    const before = [await etag('/'), await etag('/databases/notes?format=json')];
    await (await app()).backup('notes', BACKUP);
    expect((await get('/', { 'if-none-match': before.join(', ') })).status).toBe(200);
    expect(before).not.toContain(await etag('/databases/notes?format=json'));
  });

  test.each([
    ['/nothing', 404, 'not_found'],
    ['/databases/nobody', 404, 'not_found'],
    ['/databases/__proto__', 404, 'not_found'],
    ['/databases/%3Cscript%3E', 404, 'not_found'],
    ['/databases/..%2Fnotes', 404, 'not_found'],
    ['/?format=xml', 400, 'usage'],
  ])('%s is a problem document with status %i', async (path, status, code) => {
    const { get } = await prepared();
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(await response.json()).toMatchObject({
      status,
      code,
      hint: expect.stringMatching(/\.$/),
    });
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'the method %s is not allowed',
    async (method) => {
      const { get } = await prepared();
      const response = await get('/', {}, method);
      expect([response.status, response.headers.get('allow'), await response.json()]).toMatchObject(
        [405, 'GET, HEAD', { code: 'usage', message: 'method not allowed: use GET' }],
      );
    },
  );

  test('an unreachable store is 503, with the reason in the log', async () => {
    const broken = (): never => {
      throw new LifeboatError('store_unreachable', 'the store is away', 'Wait.');
    };
    const { state, lines } = await serveFunctions({
      overrides: { store: { ...createMemoryStore(), list: broken, read: broken } },
    });
    const response = await fetch(state);
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'store_unreachable' },
    ]);
    expect(lines).toMatchObject([
      { severity: 'ERROR', event: 'status', code: 'store_unreachable' },
    ]);
  });

  test('reloads the page on request, also when it shows an error', async () => {
    const broken = (): never => {
      throw new LifeboatError('store_unreachable', 'the store is away', 'Wait.');
    };
    const { get } = await prepared();
    const { state } = await serveFunctions({
      overrides: { store: { ...createMemoryStore(), list: broken, read: broken } },
    });
    const html = { accept: 'text/html' };
    const refreshed = async (answer: Promise<Response>) => [
      (await answer).status,
      (await answer).headers.get('refresh'),
    ];
    expect(await refreshed(get('/?refresh=60', html))).toEqual([200, '60']);
    expect(await refreshed(get('/databases/notes?refresh=60', html))).toEqual([200, '60']);
    expect(await refreshed(get('/', html))).toEqual([200, null]);
    expect(await refreshed(get('/?refresh=60'))).toEqual([200, null]);
    expect(await refreshed(get('/?refresh=now', html))).toEqual([400, null]);
    expect(await refreshed(fetch(`${state}/?refresh=60`, { headers: html }))).toEqual([503, '60']);
  });

  test('a store that never responds is 503 as well, and does not block the function', async () => {
    const never = () => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    });
    const { state } = await serveFunctions({
      deadlineMs: 200,
      overrides: { store: { ...createMemoryStore(), list: never, read: never } },
    });
    for (const path of ['/', '/databases/notes', '/metrics']) {
      const response = await fetch(`${state}${path}`);
      expect([response.status, await response.json()]).toMatchObject([
        503,
        { code: 'store_unreachable', message: expect.stringContaining('within 200 ms') },
      ]);
    }
  });

  test('a response that is too late stops reading the store', async () => {
    const memory = createMemoryStore();
    for (let n = 0; n < 200; n += 1)
      await memory.replace(`state/db${n}.json`, Buffer.from('{}'), undefined);
    let reads = 0;
    const gate = Promise.withResolvers<void>();
    let isOpen: Promise<void> = Promise.resolve();
    const read = async function* () {
      reads += 1;
      await isOpen;
      yield Buffer.from('{}');
    };
    const { state } = await serveFunctions({
      deadlineMs: 500,
      overrides: { store: { ...memory, read } },
    });
    // Loads the code, so that the reading has begun when the time of the next one is up.
    await fetch(state);
    isOpen = gate.promise;
    expect((await fetch(state)).status).toBe(503);
    const before = reads;
    gate.resolve();
    for (let n = 0; n < 20; n += 1) await setImmediate();
    expect(reads).toBe(before);
  });

  test('the page of an unknown database names it and leads to the overview', async () => {
    const { get } = await prepared();
    const response = await get('/databases/nope%20', { accept: 'text/html' });
    const page = await response.text();
    expect([response.status, page]).toEqual([
      404,
      expect.stringContaining('There is no database called “nope ”.'),
    ]);
    expect(page).toContain('<a href="/">Go to the overview</a>');
  });
});
