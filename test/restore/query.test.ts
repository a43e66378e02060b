import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { table } from '../../cli/table.ts';
import { queryFile } from '../../core/sqlite/query.ts';
import { SMALL, sql } from '../support/databases.ts';
import { useOwnProcesses } from '../support/engine/processes.ts';
import { folder } from '../support/files.ts';

const database = (text: string): string => {
  const path = join(folder(), 'copy.db');
  sql(path, text);
  return path;
};
const ask = (text: string, path = database(SMALL)) => queryFile(path, text, undefined);

describe('a query', () => {
  test('gives 200,000 rows, which also fit into a table', async () => {
    const { columns, rows } = await ask(
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select i from n',
    );
    expect(columns).toEqual(['i']);
    expect(rows).toHaveLength(200_000);
    expect(rows.at(-1)).toEqual([200_000]);
    expect(table(rows.map((row) => row.map(String))).split('\n')).toHaveLength(200_001);
  });

  test('gives the columns of a statement without rows', async () => {
    expect(await ask('select id, body from notes where 0')).toEqual({
      columns: ['id', 'body'],
      rows: [],
    });
  });

  test.each([
    ['select count(*) from notes', 400],
    ['with n as (select 1 as one) select one from n;', 1],
    ['select 7; -- a comment', 7],
    ['pragma page_size', 4096],
    ["select count(*) from pragma_table_info('notes')", 2],
    ["select x'00ff'", "x'00ff'"],
    ['select 9007199254740993', '9007199254740993'],
    ['select null', null],
  ])('%s', async (text, expected) => {
    expect((await ask(text)).rows).toEqual([[expected]]);
  });

  test('reads R-Tree, FTS5 and FTS4 tables', async () => {
    const path = database(
      `create virtual table places using rtree(id, a, b); insert into places values (1, 2, 3);
       create virtual table words using fts5(x); insert into words values ('hello there');
       create virtual table older using fts4(x); insert into older values ('hello there')`,
    );
    expect((await ask('select id from places where a < 5', path)).rows).toEqual([[1]]);
    for (const name of ['words', 'older'])
      expect((await ask(`select x from ${name} where ${name} match 'hello'`, path)).rows).toEqual([
        ['hello there'],
      ]);
  });

  test.each([
    ["vacuum into 'copy-of-it.db'"],
    ["attach 'copy-of-it.db' as other"],
    ['delete from notes'],
    ['insert into notes (body) values (1)'],
    ['create table other (x)'],
    ['create temp table other (x)'],
    ['begin'],
    ['pragma journal_mode = wal'],
    ['pragma writable_schema = on'],
    ['pragma temp_store_directory = "/"'],
    ["select load_extension('x')"],
    ['drop table notes'],
    ['analyze'],
    ['select 1; select 2'],
    ["select 1; vacuum into 'copy-of-it.db'"],
    ['select 1; not even SQL'],
    ['selekt 1'],
    [''],
  ])('refuses %j, and writes nothing', async (text) => {
    const path = database(SMALL);
    await expect(ask(text, path)).rejects.toMatchObject({ code: 'usage' });
    expect(readdirSync(join(path, '..'))).toEqual(['copy.db']);
    expect(existsSync('copy-of-it.db')).toBe(false);
  });

  test('refuses more than one statement by that name', async () => {
    await expect(ask('select 1; select 2')).rejects.toMatchObject({
      message: 'there is more than one statement',
    });
  });
});

describe('the process of a query', () => {
  beforeAll(useOwnProcesses);

  test('ends with its signal, however long the statement is', async () => {
    const endless =
      'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n';
    const signal = AbortSignal.timeout(1500);
    await expect(queryFile(database(SMALL), endless, signal)).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
