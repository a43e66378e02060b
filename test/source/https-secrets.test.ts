import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { followRedirect } from '../../core/source/https/url.ts';
import { createHttpsSource, type HttpsOptions } from '../../core/source/https/https.ts';
import { exactTag, retryAfter } from '../../core/source/https/state.ts';
import { privateFolder, pulled } from '../contract/source.ts';
import { DatabaseServer, serveHttp } from '../support/database-server.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const thrown = (work: () => unknown): { code: string; message: string; hint: string } => {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error('nothing was thrown');
};

test('the address of a source shows no query', () => {
  const url = new URL('https://example.com/db?name=shop');
  const source = createHttpsSource({ url, auth: { kind: 'none' }, now: () => new Date() });
  expect(source.url).toBe('https://example.com/db');
});

describe('a redirect', () => {
  const from = new URL('https://example.com/a/db');
  test.each([
    ['/b/db', 'https://example.com/b/db'],
    ['db2?x=1', 'https://example.com/a/db2?x=1'],
    ['https://example.com:443/c', 'https://example.com/c'],
  ])('to %s is followed', (location, to) => {
    expect(followRedirect(from, location).href).toBe(to);
  });

  test.each([
    ['https://evil.example/db?sig=hunter2'],
    ['http://example.com/a/db'],
    ['https://example.com:8443/db'],
    ['//evil.example/'],
    ['https://u:hunter2@example.com/'],
    ['http://'],
    [undefined],
  ])('to %s is refused', (location) => {
    const error = thrown(() => followRedirect(from, location));
    expect(error.code).toBe('config_invalid');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('the secret', () => {
  const serve = async () => {
    const path = join(folder(), 'app.db');
    sql(path, SMALL);
    const server = new DatabaseServer();
    server.put(readFileSync(path));
    return { server, origin: await server.start() };
  };
  const at = (origin: string, auth: HttpsOptions['auth']) =>
    createHttpsSource({
      url: new URL(`${origin}/app.db`),
      auth,
      patience: { attempts: 2, pauseMs: 1 },
      now: () => new Date(),
    });

  test('goes with every request, asked anew each time, also after a redirect on the same host', async () => {
    const { server, origin } = await serve();
    let given = 0;
    server.before = (request, response) =>
      request.url === '/app.db' && (response.writeHead(302, { location: '/moved.db' }).end(), true);
    pulled(
      await at(origin, { kind: 'google', token: async () => `token-${(given += 1)}` }).pull({
        directory: privateFolder(),
      }),
    );
    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/app.db', 'Bearer token-1'],
      ['/moved.db', 'Bearer token-2'],
    ]);
  });

  test('never goes to another host, which is not even asked', async () => {
    const { server, origin } = await serve();
    const seen: string[] = [];
    const other = await serveHttp((request, response) => {
      seen.push(request.url ?? '');
      response.end();
    });
    server.before = (_, response) => (
      response.writeHead(307, { location: `${other}/app.db` }).end(),
      true
    );
    const pulling = at(origin, { kind: 'bearer', token: async () => 'hunter2' }).pull({
      directory: privateFolder(),
    });
    await expect(pulling).rejects.toMatchObject({ code: 'config_invalid' });
    expect(seen).toEqual([]);
  });

  test('redirects in circles end', async () => {
    const { server, origin } = await serve();
    server.before = (_, response) => (response.writeHead(302, { location: '/app.db' }).end(), true);
    await expect(
      at(origin, { kind: 'none' }).pull({ directory: privateFolder() }),
    ).rejects.toMatchObject({ code: 'config_invalid' });
    expect(server.requests).toHaveLength(6);
  });

  test.each([[''], ['two\nlines'], ['ünicode'], ['a b']])(
    '%j is config_invalid and is not sent',
    async (token) => {
      const { server, origin } = await serve();
      const pulling = at(origin, { kind: 'bearer', token: async () => token }).pull({
        directory: privateFolder(),
      });
      await expect(pulling).rejects.toMatchObject({ code: 'config_invalid' });
      expect(server.requests).toEqual([]);
    },
  );

  test('may end with a line break, as files do', async () => {
    const { server, origin } = await serve();
    await at(origin, { kind: 'bearer', token: async () => 'hunter2\n' }).pull({
      directory: privateFolder(),
    });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer hunter2');
  });
});

describe('what stands for exactly these bytes', () => {
  const date = 'Tue, 24 Nov 2026 12:00:10 GMT';
  test.each([
    ['a strong ETag', { etag: '"a"' }, '"a"'],
    [
      'a strong ETag of an old change',
      { etag: '"a"', date, 'last-modified': 'Tue, 24 Nov 2026 12:00:08 GMT' },
      '"a"',
    ],
    [
      'no strong ETag of a young change',
      { etag: '"a"', date, 'last-modified': 'Tue, 24 Nov 2026 12:00:09 GMT' },
      undefined,
    ],
    [
      'no change in the future',
      { etag: '"a"', date, 'last-modified': 'Tue, 24 Nov 2026 13:00:00 GMT' },
      undefined,
    ],
    ['no weak ETag', { etag: 'W/"a"' }, undefined],
    ['no ETag without quotes', { etag: 'a' }, undefined],
    ['nothing', {}, undefined],
  ])('%s', (_, headers, tag) => {
    expect(exactTag(headers)).toBe(tag);
  });

  test.each([
    ['3', 3000],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 5000],
    ['Thu, 01 Jan 1969 00:00:05 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %s is %s ms', (text, ms) => {
    expect(retryAfter(text, 0)).toBe(ms);
  });
});
