import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { serveFunctions } from '../support/functions.ts';

describe('the function backup-now', () => {
  test('responds after verification with the document of the backup', async () => {
    const { order, app } = await serveFunctions();
    const response = await order({ database: 'notes' });
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('cache-control'),
    ]).toEqual([200, expect.stringContaining('application/json'), 'no-store']);
    const document = (await response.json()) as { id: string };
    expect(document).toMatchObject({
      ok: true,
      database: 'notes',
      kind: 'full',
      verdict: 'ok',
      reason: 'pre-deploy',
    });
    expect((await (await app()).list('notes')).map(({ id }) => id)).toEqual([document.id]);
  });

  test('the same idempotency key, later or at the same time, gives one backup', async () => {
    const { order, app } = await serveFunctions();
    const headers = { 'idempotency-key': 'deploy-42' };
    const first = (await (await order({ database: 'notes' }, headers)).json()) as {
      id: string;
    };
    const again = await Promise.all([
      order({ database: 'notes' }, headers),
      order({ database: 'notes' }, headers),
    ]);
    for (const response of again)
      expect(await response.json()).toMatchObject({ ok: true, id: first.id });
    expect(await (await app()).list('notes')).toHaveLength(1);
    const other = await order({ database: 'notes', kind: 'full' }, headers);
    expect([other.status, await other.json()]).toMatchObject([
      400,
      { code: 'usage', message: expect.stringContaining('idempotency key') },
    ]);
  });

  test.each<[string, unknown, number, string]>([
    ['no body', '', 400, 'usage'],
    ['no JSON', '{', 400, 'usage'],
    ['a form', 'database=notes', 400, 'usage'],
    ['an unknown field', { database: 'notes', source: '/etc/passwd' }, 400, 'usage'],
    ['an unknown database', { database: 'shop' }, 404, 'not_found'],
    ['a path', { database: '../notes.db' }, 404, 'not_found'],
    ['all of them', { database: '*' }, 400, 'usage'],
    ['too much', { database: 'notes', expectMigrations: ['x'.repeat(70_000)] }, 400, 'usage'],
  ])('%s is refused with a problem document', async (_, body, status, code) => {
    const { order, app } = await serveFunctions();
    const response = await order(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(await response.json()).toMatchObject({
      status,
      title: code,
      code,
      message: expect.any(String),
      hint: expect.any(String),
    });
    expect(await (await app()).list()).toEqual([]);
  });

  test('a request that is not declared as JSON is refused', async () => {
    const { order, app } = await serveFunctions();
    // What a form, a script without permission, or `curl -d` sends.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const response = await order({ database: 'notes' }, { 'content-type': type });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: 'usage', message: 'the content type of the request is not application/json' },
      ]);
    }
    expect(await (await app()).list()).toEqual([]);
  });

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])('a request that a web page of another site sends is refused: %j', async (headers) => {
    const { now, app } = await serveFunctions();
    // Not with fetch, which sets these headers itself.
    const call = request(now, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    call.end(JSON.stringify({ database: 'notes' }));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      403,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(await (await app()).list()).toEqual([]);
  });

  test('accept and reasons with long slots need the permission of the configuration', async () => {
    const strict = await serveFunctions();
    for (const field of [{ accept: true }, { reason: 'schedule' }, { reason: 'manual' }]) {
      const response = await strict.order({ database: 'notes', ...field });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: 'usage', hint: expect.stringContaining('backupNow.') },
      ]);
    }
    expect(await (await strict.app()).list()).toEqual([]);
    const open = await serveFunctions({ more: 'backupNow: { accept: true, reasons: [manual] }\n' });
    const accepted = await open.order({ database: 'notes', reason: 'manual', accept: true });
    expect([accepted.status, await accepted.json()]).toMatchObject([200, { reason: 'manual' }]);
    expect((await open.order({ database: 'notes' })).status).toBe(400);
  });

  test('the answer about an unknown database lists five names at most', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { order } = await serveFunctions({ names });
    expect(await (await order({ database: 'shop' })).json()).toMatchObject({
      hint: 'Databases in lifeboat.yaml: a, b, c, d, e and 2 more.',
    });
  });

  test('anything but POST is refused', async () => {
    const { now } = await serveFunctions();
    const response = await fetch(now);
    expect([response.status, response.headers.get('allow'), await response.json()]).toMatchObject([
      405,
      'POST',
      { message: 'method not allowed: use POST' },
    ]);
  });

  test('a bad source gets its code and status and makes no backup', async () => {
    const { order, cwd, app } = await serveFunctions();
    writeFileSync(
      join(cwd, 'notes.db'),
      'this is not a database, and long enough to be one'.repeat(20),
    );
    const response = await order({ database: 'notes' });
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { code: 'source_invalid' },
    ]);
    expect(await (await app()).list()).toEqual([]);
  });

  test('a caller that accepts JSON lines gets progress, and the outcome in the last line', async () => {
    const { order, cwd } = await serveFunctions();
    const headers = { accept: 'application/x-ndjson' };
    const lines = async (response: Awaited<ReturnType<typeof order>>) =>
      (await response.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const good = await order({ database: 'notes' }, headers);
    expect([good.status, good.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('application/x-ndjson'),
    ]);
    const events = await lines(good);
    expect(events.at(-1)).toMatchObject({ ok: true, database: 'notes' });
    expect(events.slice(0, -1).every(({ event }) => event === 'progress' || event === 'beat')).toBe(
      true,
    );
    writeFileSync(join(cwd, 'notes.db'), '');
    expect((await lines(await order({ database: 'notes' }, headers))).at(-1)).toMatchObject({
      ok: false,
      status: 422,
      error: { code: 'source_empty', hint: expect.any(String) },
    });
    // An error before the run starts is in the HTTP status.
    expect((await order({ database: 'shop' }, headers)).status).toBe(404);
  });

  test('the deadline ends a run and leaves no backup', async () => {
    const { order, app } = await serveFunctions({ deadlineMs: 1 });
    const response = await order({ database: 'notes' });
    expect([response.status, await response.json()]).toMatchObject([504, { code: 'deadline' }]);
    expect(await (await app()).list()).toEqual([]);
  });
});
