import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { folder, sha256 } from '../support/files.ts';

const SHOP = `
  create table orders (id integer primary key, note text not null);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into orders select i, hex(randomblob(100)) from n;
  create table customers (id integer primary key, name text);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into customers select i, 'customer' from n;
  create table django_migrations (id integer primary key, app varchar(255) not null, name varchar(255) not null, applied datetime not null);
  insert into django_migrations (app, name, applied) values ('shop', '0001_initial', '2026-01-01'), ('shop', '0002_orders', '2026-02-01');
`;
const open = async (settings = '', overrides = {}) => {
  const cwd = folder();
  const path = join(cwd, 'shop.db');
  sql(path, SHOP);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases: { shop: { source: shop.db${settings} } }\n`,
  );
  const app = await testApp({ cwd, overrides });
  const latest = async () => (await app.list('shop'))[0]?.id;
  return { ...app, latest, cwd, change: (text: string) => sql(path, text) };
};
const server = async (listener: RequestListener): Promise<string> => {
  const made = createServer(listener).listen(0, '127.0.0.1');
  await once(made, 'listening');
  onTestFinished(() => (made.closeAllConnections(), void made.close()));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/healthz`;
};

describe('a database that lost much', () => {
  test.each([
    ['an emptied table', 'delete from orders', /orders lost 100 %/],
    ['a dropped table', 'drop table customers', /customers is gone/],
    ['half of the rows', 'delete from orders where id % 2 = 0', /orders lost 50 %/],
  ])(
    '%s is suspicious: the good backup stays the newest, and a salvage copy is kept',
    async (_, change, says) => {
      const { backup, list, latest, restore, cwd, change: apply } = await open();
      const good = await backup('shop', BACKUP);
      apply(change);
      await expect(backup('shop', BACKUP)).rejects.toMatchObject({
        code: 'source_suspicious',
        exit: 3,
        message: expect.stringMatching(says),
        hint: expect.stringContaining('--accept'),
      });
      expect(await latest()).toBe(good.id);
      expect((await list('shop', { all: true })).filter(({ salvage }) => salvage)).toHaveLength(1);
      await restore('shop', { ...RESTORE, to: 'restored.db' });
      expect(sha256(join(cwd, 'restored.db'))).toBe(good.sha256);
    },
  );

  test('is backed up by the same request once its rows are back, and a salvage copy is no answer', async () => {
    const app = await open();
    await app.backup('shop', BACKUP);
    const request = { ...BACKUP, key: 'a deploy', requestedAt: new Date(Date.now() - 1000) };
    app.change('create table kept as select * from orders; delete from orders');
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(app.backup('shop', request)).rejects.toMatchObject({
        code: 'source_suspicious',
      });
    app.change('insert into orders select * from kept');
    const backup = await app.backup('shop', request);
    expect(backup).toMatchObject({ salvage: false, verdict: 'ok' });
    expect(await app.latest()).toBe(backup.id);
    expect((await app.backup('shop', request)).id).toBe(backup.id);
  });

  test('is accepted once with accept, and the next backup is compared with it', async () => {
    const { backup, latest, change } = await open();
    await backup('shop', BACKUP);
    change('delete from orders');
    const accepted = await backup('shop', { ...BACKUP, accept: true });
    expect(
      accepted.checks.filter(({ name }) => name === 'guard').map(({ result }) => result),
    ).toEqual(['warning']);
    expect(await latest()).toBe(accepted.id);
    await expect(backup('shop', BACKUP)).resolves.toMatchObject({ verdict: 'ok' });
  });

  test('is not checked when the guard is off', async () => {
    const { backup, change } = await open(', guard: { shrink: false, tables: false }');
    await backup('shop', BACKUP);
    change('drop table customers; delete from orders');
    await expect(backup('shop', BACKUP)).resolves.toMatchObject({ verdict: 'ok' });
  });
});

describe('migrations', () => {
  test('that are expected and not applied refuse the backup, and say which and what there is', async () => {
    const { backup, list } = await open(
      ', health: { migrations: { framework: django, expect: [shop.0003_index] } }',
    );
    await expect(backup('shop', BACKUP)).rejects.toMatchObject({
      code: 'source_unhealthy',
      message: expect.stringMatching(
        /not applied: shop\.0003_index; found django shop\.0002_orders/,
      ),
    });
    expect(await list('shop')).toEqual([]);
  });

  test('may be expected by the request, too', async () => {
    const { backup, change } = await open();
    const asked = { ...BACKUP, expectMigrations: ['shop.0003_index'] };
    await expect(backup('shop', asked)).rejects.toMatchObject({ code: 'source_unhealthy' });
    change(
      "insert into django_migrations (app, name, applied) values ('shop', '0003_index', '2026-03-01')",
    );
    await expect(backup('shop', asked)).resolves.toMatchObject({ verdict: 'ok' });
  });

  test('of a framework that is not there are a fault', async () => {
    const { backup } = await open(', health: { migrations: { framework: rails } }');
    await expect(backup('shop', BACKUP)).rejects.toMatchObject({
      code: 'source_unhealthy',
      message: expect.stringContaining('expected the bookkeeping of rails'),
    });
  });

  test('that failed refuse the backup; a warning where health is not required', async () => {
    const failed =
      'create table schema_migrations (version uint64, dirty bool); insert into schema_migrations values (7, 1)';
    const strict = await open();
    strict.change(failed);
    await expect(strict.backup('shop', BACKUP)).rejects.toMatchObject({
      code: 'source_unhealthy',
      message: expect.stringContaining('golang-migrate 7'),
    });
    const lenient = await open(', health: { required: false }');
    lenient.change(failed);
    const done = await lenient.backup('shop', BACKUP);
    expect(done).toMatchObject({ verdict: 'ok' });
    expect(done.checks).toContainEqual(
      expect.objectContaining({ name: 'migrations', result: 'warning' }),
    );
  });
});

describe('the health address', () => {
  test('that answers 2xx is recorded in the backup', async () => {
    const url = await server((_, response) => response.end('fine'));
    const { backup } = await open(`, health: { url: "${url}?token=secret" }`);
    expect((await backup('shop', BACKUP)).checks[0]).toEqual({ name: 'health', result: 'ok' });
  });

  test.each<[string, RequestListener, RegExp]>([
    ['that answers 503', (_, response) => response.writeHead(503).end(), /answered 503/],
    [
      'that redirects to another address',
      ({ url }, response) =>
        url?.startsWith('/other')
          ? response.end('fine')
          : response.writeHead(302, { location: '/other' }).end(),
      /answered 302, a redirect/,
    ],
    ['that hangs', () => undefined, /did not answer within 1 s/],
    ['that hangs up', (request) => request.socket.destroy(), /did not answer/],
  ])(
    '%s refuses the backup before anything is pulled, and keeps its query to itself',
    async (_, listener, says) => {
      const url = await server(listener);
      const { backup, list } = await open(`, health: { url: "${url}?token=secret", timeout: 1s }`);
      await expect(backup('shop', BACKUP)).rejects.toMatchObject({
        code: 'source_unhealthy',
        message: expect.stringMatching(says),
      });
      await expect(backup('shop', BACKUP)).rejects.not.toMatchObject({
        message: expect.stringContaining('secret'),
      });
      expect(await list('shop', { all: true })).toEqual([]);
    },
  );

  test('is a warning where it is not required', async () => {
    const { backup } = await open(
      ', health: { url: "http://127.0.0.1:9/healthz", required: false }',
    );
    expect((await backup('shop', BACKUP)).checks[0]).toMatchObject({
      name: 'health',
      result: 'warning',
    });
  });
});

describe('space', () => {
  const probe = (memory: number | undefined, filesInMemory: boolean) => ({
    memory: () => memory,
    filesInMemory,
    free: async () => Infinity,
    volume: async () => undefined,
    reserve: { share: 0.1 },
  });

  test('that is short is refused before the pull, with what is needed and what to raise', async () => {
    const { backup, list } = await open('', { space: probe(300 * 2 ** 20, true) });
    await expect(backup('shop', BACKUP)).rejects.toMatchObject({
      code: 'insufficient_space',
      exit: 7,
      message: expect.stringMatching(
        /^\w+ needs 32\d(\.\d)? MiB of memory, but only 300 MiB are free$/,
      ),
      hint: expect.stringContaining('memory'),
    });
    expect(await list('shop')).toEqual([]);
  });

  test('is not needed for a database that is larger than its maxSize: it is refused', async () => {
    const { backup, list, cwd } = await open(', maxSize: 64KiB');
    await expect(backup('shop', BACKUP)).rejects.toMatchObject({
      code: 'source_suspicious',
      message: 'shop is larger than its maxSize, 64 KiB',
      hint: expect.stringContaining('raise `maxSize` of shop'),
    });
    expect(await list('shop')).toEqual([]);
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { shop: { source: shop.db, maxSize: 1MiB } }',
    );
    await expect((await testApp({ cwd })).backup('shop', BACKUP)).resolves.toMatchObject({
      verdict: 'ok',
    });
  });

  test('that is short for the sandbox makes the native engine judge alone', async () => {
    const { backup } = await open('', { space: probe(340 * 2 ** 20, true) });
    expect(
      (await backup('shop', BACKUP)).checks.filter(({ engine }) => engine === 'sql.js'),
    ).toEqual([]);
  });
});
