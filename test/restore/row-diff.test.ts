import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowChangesText } from '../../cli/row-changes-text.ts';
import { diffRows } from '../../core/sqlite/row-diff/row-diff.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

/** The changes between a database and what `change` makes of it. */
async function changes(
  start: string,
  change: string,
  more: { table?: string; limit?: number } = {},
) {
  const [from, to] = ['from', 'to'].map((name) => join(folder(), `${name}.db`)) as [string, string];
  sql(from, start);
  sql(to, `${start};${change}`);
  const { table, limit = 20 } = more;
  return diffRows(from, to, { table, limit, signal: undefined });
}

const textOf = async (...args: Parameters<typeof changes>) =>
  rowChangesText(await changes(...args));

describe('the changed rows', () => {
  test('are matched by the primary key, and show the columns that changed', async () => {
    expect(
      await textOf(
        "create table t (id integer primary key, x text, y); insert into t values (1, 'one', 1), (2, 'two', 2), (3, 'three', 3)",
        "update t set x = 'it''s' where id = 1; delete from t where id = 2; insert into t values (4, null, 1.0)",
      ),
    ).toBe(
      `t: 1 added, 1 removed, 1 changed\n  ~ id=1  x: 'one' → 'it''s'\n  + id=4  x=NULL, y=1.0\n  - id=2  x='two', y=2\n`,
    );
  });

  test('are found in a table WITHOUT ROWID with a key of two columns, regardless of collations', async () => {
    expect(
      await textOf(
        "create table w (k text collate nocase, n, v, primary key (k, n)) without rowid; insert into w values ('A', 1, 'x'), ('A', 2, 'X')",
        "update w set k = 'a' where n = 1; update w set v = 'x' where n = 2",
      ),
    ).toBe(`w: 2 changed\n  ~ k='A', n=1  k: 'A' → 'a'\n  ~ k='A', n=2  v: 'X' → 'x'\n`);
  });

  test.each([
    ['no primary key', 'create table t (v); insert into t values (1), (2)'],
    [
      'a primary key with NULL',
      'create table t (k text primary key, v); insert into t (v) values (1), (2)',
    ],
  ])('of a table with %s are matched by rowid, and the text says so', async (_, start) => {
    expect(await textOf(start, 'update t set v = 5 where v = 2')).toBe(
      `t: 1 changed (rows matched by rowid, which VACUUM may change)\n  ~ rowid=2  v: 2 → 5\n`,
    );
  });

  test('of a table that cannot be compared are replaced by the reason', async () => {
    expect(
      await textOf(
        'create table hidden (rowid, _rowid_, oid); create table moved (a primary key, b); create table t (a)',
        'insert into hidden values (1, 2, 3); drop table moved; create table moved (a, b primary key); insert into t values (1)',
      ),
    ).toBe(
      `hidden: not compared: it has no primary key, and columns hide its rowid\n\nmoved: not compared: its primary key changed\n\nt: 1 added (rows matched by rowid, which VACUUM may change)\n  + rowid=1  a=1\n`,
    );
  });

  test.each([
    ['text', 'text collate nocase'],
    ['integer', 'text'],
    ['blob', 'text'],
  ])('are not compared when the key changed from %s to %s', async (type, later) => {
    expect(
      await textOf(
        `create table t (id ${type} primary key, v); insert into t values ('Ann', 1)`.replace(
          "'Ann'",
          type === 'integer' ? '1' : "'Ann'",
        ),
        `drop table t; create table t (id ${later} primary key, v); insert into t values ('ann', 1)`,
      ),
    ).toBe('t: not compared: the type or collation of its primary key changed\n');
  });

  test('are compared when the key has another type that compares alike', async () => {
    expect(
      await textOf(
        "create table t (id integer primary key, k); create table u (id varchar(9) primary key) without rowid; insert into t values (1, 2); insert into u values ('a')",
        "drop table t; create table t (id bigint primary key, k); insert into t values (1, 3); drop table u; create table u (id text primary key); insert into u values ('b')",
      ),
    ).toBe(`t: 1 changed\n  ~ id=1  k: 2 → 3\n\nu: 1 added, 1 removed\n  + id='b'\n  - id='a'\n`);
  });

  test('compare values with their type, and all of a long text or a blob', async () => {
    const [rows] = await changes(
      "create table t (id integer primary key, a, b, c); insert into t values (1, 1, zeroblob(3000), replace(hex(zeroblob(500)), '0', 'z') || 'a')",
      "update t set a = '1', b = zeroblob(2999) || x'01', c = replace(hex(zeroblob(500)), '0', 'z') || 'b'",
    );
    expect(rows?.rows[0]?.columns).toMatchObject([
      { column: 'a', from: { type: 'integer', value: 1 }, to: { type: 'text', value: '1' } },
      { column: 'b', from: { type: 'blob', bytes: 3000 }, to: { type: 'text' } },
      { column: 'c', from: { length: 1001 }, to: { length: 1001 } },
    ]);
  });

  test('keep integers beyond 2^53 and show hostile text and names in one visible line', async () => {
    expect(
      await textOf(
        'create table "a\nb" ("x\ny" integer primary key, "__proto__")',
        `insert into "a\nb" values (9007199254740993, 'red' || char(27) || '[31m' || char(10) || 'x')`,
      ),
    ).toBe(
      String.raw`a\nb: 1 added` +
        '\n' +
        String.raw`  + x\ny=9007199254740993  __proto__='red\u001b[31m\nx'` +
        '\n',
    );
  });

  test('say which columns only one of the backups has', async () => {
    expect(
      await textOf(
        'create table t (id integer primary key, a, b); insert into t values (1, 1, 1)',
        'alter table t drop column b; alter table t add column c; update t set a = 2, c = 3',
      ),
    ).toBe('t: 1 changed\n  new columns: c\n  gone columns: b\n  ~ id=1  a: 1 → 2\n');
  });

  test('of a table with more columns than an expression may be deep are found', async () => {
    const columns = Array.from({ length: 999 }, (_, at) => `c${at}`).join(', ');
    expect(
      await textOf(
        `create table t (id integer primary key, ${columns}); insert into t (id) values (1)`,
        'update t set c998 = 1',
      ),
    ).toBe('t: 1 changed\n  ~ id=1  c998: NULL → 1\n');
  });

  test('are counted beyond the limit, and only of one table when it is named', async () => {
    const rows = await changes(
      'create table t (id integer primary key); create table u (id integer primary key)',
      'insert into t values (1), (2), (3); insert into u values (1)',
      { table: 't', limit: 2 },
    );
    expect(rows).toMatchObject([{ name: 't', added: 3, rows: [{}, {}] }]);
    expect(rowChangesText(rows)).toMatch(/\n {2}… and 1 more: raise --limit\n$/);
    await expect(changes('create table t (a)', '', { table: 'no' })).rejects.toMatchObject({
      code: 'usage',
      message: 'no table "no" in these backups',
    });
  });
});

test('diff --rows restores both backups into a folder that it removes', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
  const app = await testApp({ cwd });
  for (const text of [
    'create table t (id integer primary key); insert into t values (1)',
    'insert into t values (2)',
  ]) {
    sql(app.at('shop.db'), text);
    await app.backup('shop', BACKUP);
  }
  const { status, stdout } = await runCli(cwd, ['diff', 'shop', '--rows']);
  expect([status, stdout.split('\n\n').at(-1)]).toEqual([0, 't: 1 added\n  + id=2\n']);
  expect(
    await app.diff('shop', { from: undefined, to: 'latest', rows: { limit: 1 } }),
  ).toMatchObject({ rows: [{ name: 't', key: 'primary-key', added: 1, removed: 0, changed: 0 }] });
  expect(readdirSync(cwd).filter((name) => name.startsWith('lifeboat-'))).toEqual([]);
  for (const flag of ['--table', '--limit'])
    expect(await runCli(cwd, ['diff', 'shop', flag, '5'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`${flag} needs --rows`) as string,
    });
});

test('backups whose text encodings differ are refused', async () => {
  const [from, to] = ['from', 'to'].map((name) => join(folder(), `${name}.db`)) as [string, string];
  sql(from, 'create table t (a)');
  sql(to, "pragma encoding = 'UTF-16'; create table t (a)");
  await expect(
    diffRows(from, to, { table: undefined, limit: 1, signal: undefined }),
  ).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(/encoding/) as string });
});
