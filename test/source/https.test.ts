import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createHttpsSource, type HttpsOptions } from '../../core/source/https/https.ts';
import { takeSnapshot } from '../../core/sqlite/snapshot/snapshot.ts';
import { countIn, LARGE, privateFolder, pulled, sourceContract } from '../contract/source.ts';
import { DatabaseServer } from '../support/database-server.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const patience = { idleMs: 2000, attempts: 4, pauseMs: 1 };
const at = (origin: string, more: Partial<HttpsOptions> = {}) =>
  createHttpsSource({
    url: new URL(`${origin}/app.db`),
    auth: { kind: 'none' },
    patience,
    now: () => new Date(),
    ...more,
  });
const serve = async () => {
  const path = join(folder(), 'app.db');
  sql(path, LARGE);
  const server = new DatabaseServer();
  server.put(readFileSync(path));
  return { server, origin: await server.start(), path };
};
const expectWhole = async (source: ReturnType<typeof at>) => {
  const snapshot = pulled(await source.pull({ directory: privateFolder() }));
  expect(countIn(snapshot.path, 'blobs')).toBe(300);
  return snapshot;
};
const expectRefused = async (source: ReturnType<typeof at>, code: string) => {
  const directory = privateFolder();
  const error = await source.pull({ directory }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
  expect(readdirSync(directory)).toEqual([]);
  return error as Error & { hint: string };
};

sourceContract(
  'the https source',
  async (path) => {
    const server = new DatabaseServer();
    const publish = async () => {
      if (!existsSync(path)) return;
      const live = existsSync(`${path}-wal`);
      server.put(
        readFileSync(live ? (await takeSnapshot(path, { directory: privateFolder() })).path : path),
      );
    };
    const source = at(await server.start());
    return { source, publish, cut: (times) => (server.cuts = times), leftovers: async () => [] };
  },
  { versions: true, live: false, remote: true },
);

test('an endless body ends at the limit, and nothing of it stays', async () => {
  const server = new DatabaseServer();
  server.before = ({ method }, response) => {
    if (method === 'HEAD') return false;
    const send = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, 1)));
    };
    response.on('drain', send);
    send();
    return true;
  };
  const directory = privateFolder();
  const limit = { bytes: 2 ** 20, message: 'no room', hint: 'Free it.' };
  await expect(
    at(await server.start()).pull({ directory, limit: { ...limit, code: 'insufficient_space' } }),
  ).rejects.toMatchObject({ code: 'insufficient_space', message: 'no room' });
  expect(readdirSync(directory)).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

describe('a body that is cut', () => {
  test('goes on where it was cut, on the condition that it is still the same', async () => {
    const { server, origin } = await serve();
    server.cuts = 3;
    const { version } = await expectWhole(at(origin));
    const [first, second] = server.requests;
    expect(first?.headers.range).toBeUndefined();
    expect(second?.headers).toMatchObject({
      range: expect.stringMatching(/^bytes=\d{6,}-$/),
      'if-range': '"2"',
    });
    expect([server.requests.length, version]).toEqual([4, '"2"']);
  });

  test('starts over when the database is another one meanwhile', async () => {
    const { server, origin, path } = await serve();
    server.cuts = 1;
    server.before = (_, __, count) => {
      if (count === 2) {
        sql(path, 'delete from blobs where id > 10');
        server.put(readFileSync(path));
      }
      return false;
    };
    const snapshot = pulled(await at(origin).pull({ directory: privateFolder() }));
    expect([countIn(snapshot.path, 'blobs'), snapshot.version]).toEqual([10, '"3"']);
  });

  test.each([
    ['with another ETag', { etag: '"other"' }],
    ['from another byte', { 'content-range': 'bytes 5-9/10' }],
    ['without a range', { 'content-range': undefined }],
  ])('starts over when a part comes %s', async (_, headers) => {
    const { server, origin } = await serve();
    server.cuts = 1;
    server.before = (request, response, count) => {
      if (count !== 2) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
      const size = server.body?.length ?? 0;
      const told = {
        etag: server.etag,
        'content-range': `bytes ${from}-${size - 1}/${size}`,
        ...headers,
      };
      for (const [name, value] of Object.entries(told))
        if (value !== undefined) response.setHeader(name, value);
      response.writeHead(206).end(Buffer.alloc(size - from, 'x'));
      return true;
    };
    await expectWhole(at(origin));
    expect(server.requests[2]?.headers.range).toBeUndefined();
  });

  test.each([
    ['weak', 'W/"1"', undefined],
    ['absent', undefined, undefined],
    ['as young as the change', '"1"', 'Fri, 01 Jan 2100 00:00:00 GMT'],
  ])(
    'starts over when the ETag is %s, and such a state has no name',
    async (_, etag, lastModified) => {
      const { server, origin } = await serve();
      Object.assign(server, { etag, lastModified, cuts: 1 });
      const { version } = await expectWhole(at(origin));
      expect(version).toBeUndefined();
      expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
    },
  );

  test('that stalls is given up and taken up again', async () => {
    const { server, origin } = await serve();
    server.before = (_, response, count) => {
      if (count !== 1) return false;
      response
        .writeHead(200, { 'content-length': server.body?.length, etag: server.etag })
        .write(server.body?.subarray(0, 300_000));
      return true;
    };
    await expectWhole(at(origin, { patience: { ...patience, idleMs: 150 } }));
    expect(server.requests[1]?.headers.range).toMatch(/^bytes=\d+-$/);
  });
});

describe('an unchanged database', () => {
  test.each([
    ['by the server', false],
    ['by its ETag, though the server ignores the question', true],
  ])('is known %s', async (_, ignores) => {
    const { server, origin } = await serve();
    if (ignores) server.before = (request) => (delete request.headers['if-none-match'], false);
    expect(await at(origin).pull({ directory: privateFolder(), known: server.etag ?? '' })).toBe(
      'unchanged',
    );
  });

  test('is sent again when it is known by a weak ETag only', async () => {
    const { server, origin } = await serve();
    server.etag = 'W/"1"';
    expect(pulled(await at(origin).pull({ directory: privateFolder(), known: 'W/"1"' })).size).toBe(
      server.body?.length,
    );
    expect(server.requests[0]?.headers['if-none-match']).toBeUndefined();
  });
});

describe('an answer that brings no database', () => {
  test.each([
    [401, 'bearer', 1, /LIFEBOAT_HTTPS_TOKEN/],
    [403, 'google', 1, /invoker/],
    [401, 'none', 1, /https\.auth/],
    [404, 'none', 1, /path/],
    [400, 'none', 1, /log/],
    [304, 'none', 1, /log/],
    [429, 'none', 4, /log/],
    [500, 'none', 4, /log/],
    [503, 'none', 4, /log/],
  ] as const)(
    '%i with auth %s is source_unreachable after %i attempts',
    async (status, kind, attempts, hint) => {
      const { server, origin } = await serve();
      server.before = (_, response) => (response.writeHead(status).end('s3cret'), true);
      const error = await expectRefused(
        at(origin, { auth: { kind, token: async () => 's3cret' } }),
        'source_unreachable',
      );
      expect(error.hint).toMatch(hint);
      expect(`${error.message}${error.hint}`).not.toContain('s3cret');
      expect(server.requests).toHaveLength(attempts);
    },
  );

  test('of 503 is asked for again', async () => {
    const { server, origin } = await serve();
    server.before = (_, response, count) =>
      count < 3 && (response.writeHead(503, { 'retry-after': '0' }).end(), true);
    await expectWhole(at(origin));
  });

  test.each([
    [
      'a page',
      { 'content-type': 'text/html', 'content-length': 2000 },
      'source_invalid',
      /login page/,
    ],
    [
      'gzip',
      { 'content-encoding': 'gzip', 'content-length': 2000 },
      'config_invalid',
      /uncompressed/,
    ],
    [
      'no length',
      { connection: 'close', 'transfer-encoding': 'identity' },
      'config_invalid',
      /Content-Length/,
    ],
  ])('%s is refused', async (_, headers, code, hint) => {
    const { server, origin } = await serve();
    server.before = (_, response) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, headers).end('<p>log in</p>'.padEnd(2000));
      return true;
    };
    expect((await expectRefused(at(origin), code)).hint).toMatch(hint);
  });

  test('a chunked body without a length is taken when it ends as it should', async () => {
    const { server, origin } = await serve();
    server.before = (_, response) => (
      response.write(server.body?.subarray(0, 10)),
      response.end(server.body?.subarray(10)),
      true
    );
    expect(server.body && (await expectWhole(at(origin))).size).toBe(server.body?.length);
  });

  test('nobody who listens is source_unreachable', async () => {
    await expectRefused(at('http://127.0.0.1:9'), 'source_unreachable');
    await expect(at('http://127.0.0.1:9').measure()).rejects.toMatchObject({
      code: 'source_unreachable',
    });
  });
});

describe('measuring', () => {
  test.each([[405], [404], [500]])('is left open when HEAD answers %i', async (status) => {
    const { server, origin } = await serve();
    server.before = (_, response) => (response.writeHead(status).end(), true);
    expect(await at(origin).measure()).toBeUndefined();
  });
});
