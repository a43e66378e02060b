import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { DatabaseServer } from '../support/database-server.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { flip } from '../support/flip.ts';

const SHOP = `
  create table orders (id integer primary key, note text not null, customer integer references customers);
  create table customers (id integer primary key, name text);
  insert into orders (note) values ('a'), ('b'), ('c');
  create table django_migrations (id integer primary key, app varchar(255) not null, name varchar(255) not null, applied datetime not null);
  insert into django_migrations (app, name, applied) values ('shop', '0001_initial', '2026-01-01'), ('shop', '0002_orders', '2026-02-01');
`;
const addOrphan = (path: string): void =>
  sql(path, "pragma foreign_keys = off; insert into orders (note, customer) values ('d', 99)");
const addUnknownCollation = (path: string): void => {
  sql(path, 'create index by_note on orders(note collate nocase)');
  const db = new DatabaseSync(path, { defensive: false });
  db.exec(
    "pragma writable_schema = on; update sqlite_schema set sql = replace(sql, 'nocase', 'klingon')",
  );
  db.close();
};

/** A database behind an ETag that never changes, and a configuration that does. */
async function unchangedShop(settings = '', change: (path: string) => void = () => undefined) {
  const cwd = folder();
  const path = join(cwd, 'shop.db');
  sql(path, SHOP);
  change(path);
  const server = new DatabaseServer();
  server.put(readFileSync(path));
  const url = `${await server.start()}/shop.db`;
  const appWith = (text: string) => {
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      `databases: { shop: { ${text.includes('source:') ? text : `source: "${url}"${text === '' ? '' : `, ${text}`}`} } }\n`,
    );
    return testApp({ cwd });
  };
  const first = await (await appWith(settings)).backup('shop', BACKUP);
  const backupWith = async (text: string, request = {}) =>
    (await appWith(text)).backup('shop', { ...BACKUP, ...request });
  return { cwd, first, backupWith, url };
}

const namesOf = ({ checks }: { checks: readonly { name: string }[] }): string[] =>
  checks.map(({ name }) => name);

async function healthServer(status: () => number): Promise<string> {
  const server = createServer((_, response) => void response.writeHead(status()).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
}

describe('an unchanged source', () => {
  test('is not sent again while the recorded inspection answers everything', async () => {
    const { first, backupWith } = await unchangedShop();
    const second = await backupWith('');
    expect(second).toMatchObject({ parent: first.id, pages: { stored: 0 }, verdict: 'ok' });
    expect(namesOf(second)).toContain('unchanged');
    const third = await backupWith('');
    expect(namesOf(third).filter((name) => name === 'unchanged')).toHaveLength(1);
  });

  test('that has the expected migration as its newest is not sent again', async () => {
    const { backupWith } = await unchangedShop();
    const expectMigrations = ['shop.0002_orders'];
    expect(namesOf(await backupWith('', { expectMigrations }))).toContain('unchanged');
  });

  test('with an older expected migration is inspected again, and is good', async () => {
    const { backupWith } = await unchangedShop();
    const made = await backupWith('', { expectMigrations: ['shop.0001_initial'] });
    expect(namesOf(made)).not.toContain('unchanged');
    expect(made).toMatchObject({ verdict: 'ok', pages: { stored: 0 } });
  });

  test('without the expected migration fails the deploy gate', async () => {
    const { backupWith } = await unchangedShop();
    await expect(
      backupWith('', { reason: 'pre-deploy', expectMigrations: ['shop.0042_add_index'] }),
    ).rejects.toMatchObject({
      code: 'source_unhealthy',
      exit: 3,
      message: expect.stringContaining('not applied: shop.0042_add_index'),
    });
  });

  test.each([
    [
      'a migration that the configuration now expects',
      'health: { migrations: { expect: [shop.0003_index] } }',
    ],
    ['a framework that it lacks', 'health: { migrations: { framework: rails } }'],
    ['a new assertion', 'assertions: [{ name: never, sql: "select 0" }]'],
  ])('fails on %s', async (_, settings) => {
    const { backupWith } = await unchangedShop();
    await expect(backupWith(settings)).rejects.toMatchObject({ code: 'source_unhealthy' });
  });

  test('fails on an assertion that was changed', async () => {
    const settings = (query: string) => `assertions: [{ name: orders, sql: "${query}" }]`;
    const { backupWith } = await unchangedShop(settings('select count(*) > 0 from orders'));
    await expect(backupWith(settings('select count(*) > 9 from orders'))).rejects.toMatchObject({
      code: 'source_unhealthy',
    });
  });

  test('with an assertion is inspected each time, because the result may change with time', async () => {
    const settings = `assertions: [{ name: recent, sql: "select unixepoch('now') < 9999999999" }]`;
    const { backupWith } = await unchangedShop(settings);
    const made = await backupWith(settings);
    expect(namesOf(made)).not.toContain('unchanged');
    expect(made.checks).toContainEqual(
      expect.objectContaining({ name: 'assertion: recent', result: 'ok' }),
    );
    expect(namesOf(await backupWith(''))).not.toContain('assertion: recent');
  });

  test('fails on a violated foreign key once the configuration refuses them', async () => {
    const { first, backupWith } = await unchangedShop('', addOrphan);
    expect(first.verdict).toBe('ok');
    await expect(backupWith('inspection: { foreignKeys: refuse }')).rejects.toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('foreign-keys'),
    });
  });

  test('is checked for foreign keys once the configuration asks for it', async () => {
    const { backupWith } = await unchangedShop('inspection: { foreignKeys: off }', addOrphan);
    const made = await backupWith('inspection: { foreignKeys: warn }');
    expect(made.checks).toContainEqual(
      expect.objectContaining({ name: 'foreign-keys', result: 'warning' }),
    );
    const later = await backupWith('inspection: { foreignKeys: off }');
    expect(namesOf(later)).toContain('unchanged');
    expect(namesOf(later)).not.toContain('foreign-keys');
  });

  test('is inspected in full once the configuration asks for more than a quick check', async () => {
    const { first, backupWith } = await unchangedShop('inspection: { integrity: quick }');
    expect(first.checks).toContainEqual({
      name: 'integrity',
      result: 'ok',
      engine: 'sql.js',
      detail: 'quick_check',
    });
    const full = await backupWith('inspection: { integrity: full }');
    expect(namesOf(full)).not.toContain('unchanged');
    expect(full.checks).toContainEqual({
      name: 'integrity',
      result: 'ok',
      engine: 'sql.js',
      detail: 'integrity_check',
    });
    expect(namesOf(await backupWith('inspection: { integrity: full }'))).toContain('unchanged');
    expect(namesOf(await backupWith('inspection: { integrity: quick }'))).toContain('unchanged');
  });

  test('with the ETag of a database at another address is pulled', async () => {
    const { backupWith } = await unchangedShop();
    const moved = await unchangedShop();
    expect(namesOf(await backupWith(`source: "${moved.url}"`))).not.toContain('unchanged');
  });

  test('with the ETag of a database with another query in its address is pulled', async () => {
    const { backupWith, url } = await unchangedShop();
    const query = (name: string) => `source: "${url}?db=${name}"`;
    const first = await backupWith(query('a'));
    expect(namesOf(first)).not.toContain('unchanged');
    expect(namesOf(await backupWith(query('a')))).toContain('unchanged');
    expect(namesOf(await backupWith(query('b')))).not.toContain('unchanged');
    expect(namesOf(await backupWith(''))).not.toContain('unchanged');
  });

  test('is pulled when the fingerprints of its last backup turn out to be damaged', async () => {
    const { cwd, first, backupWith } = await unchangedShop();
    flip(globSync(join(cwd, `backups/databases/shop/${first.id}/*/fingerprints`))[0] ?? '');
    const made = await backupWith('');
    expect([made.kind, made.verdict]).toEqual(['full', 'ok']);
    expect(namesOf(made)).not.toContain('unchanged');
  });

  test('is refused once the configuration no longer allows a database without tables', async () => {
    const cwd = folder();
    const path = join(cwd, 'empty.db');
    sql(path, 'create table once (id); drop table once;');
    const server = new DatabaseServer();
    server.put(readFileSync(path));
    const url = `${await server.start()}/empty.db`;
    const backupWith = async (allowEmpty: boolean) => {
      writeFileSync(
        join(cwd, 'lifeboat.yaml'),
        `databases: { empty: { source: "${url}", inspection: { allowEmpty: ${allowEmpty} } } }\n`,
      );
      return (await testApp({ cwd })).backup('empty', BACKUP);
    };
    await backupWith(true);
    await expect(backupWith(false)).rejects.toMatchObject({ code: 'source_empty' });
  });

  test('is inspected again while its last inspection is inconclusive', async () => {
    const { first, backupWith } = await unchangedShop('', addUnknownCollation);
    expect(first.verdict).toBe('inconclusive');
    expect(namesOf(await backupWith(''))).not.toContain('unchanged');
  });

  test('has the result of the health check of this run, not of the last one', async () => {
    let status = 200;
    const url = await healthServer(() => status);
    const settings = `health: { url: "${url}", required: false }`;
    const { backupWith } = await unchangedShop(settings);
    status = 500;
    const sick = await backupWith(settings);
    expect(sick.checks.filter(({ name }) => name === 'health')).toEqual([
      expect.objectContaining({ result: 'warning' }),
    ]);
    expect(namesOf(sick)).toContain('unchanged');
    status = 200;
    const well = await backupWith(settings);
    expect(well.checks.filter(({ name }) => name === 'health')).toEqual([
      { name: 'health', result: 'ok' },
    ]);
  });
});
