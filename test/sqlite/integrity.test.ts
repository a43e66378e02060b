import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { pragmaOn, type Engine } from '../../core/sqlite/engine.ts';
import { checkIntegrity, findingsOf } from '../../core/sqlite/judge/integrity.ts';
import { separateTables } from '../../core/sqlite/judge/table-checks.ts';
import { openForJudging } from '../../core/sqlite/untrusted.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const database = (text: string): string => {
  const path = join(folder(), 'any.db');
  sql(path, text);
  return path;
};

/** The engine of one connection, which checks the tables one by one if `isSplit`. */
const engineOn = (db: DatabaseSync, isSplit: boolean): Engine => {
  const all: Engine['all'] = (statement) => db.prepare(statement).all();
  return {
    name: 'node:sqlite',
    version: '',
    all,
    count: () => 0,
    checkTables: isSplit
      ? async ({ names }) =>
          names.flatMap((name) => findingsOf({ all }, pragmaOn('integrity_check', name)))
      : undefined,
  };
};
const resultsOf = async (path: string) => {
  using db = openForJudging(path, { isMapped: true, cacheKiB: 2048 });
  const [whole, split] = [
    await checkIntegrity(engineOn(db, false), 'full'),
    await checkIntegrity(engineOn(db, true), 'full'),
  ];
  return { whole: whole.result, split: split.result, detail: split.detail };
};
const breakIndex = (table: string, index: string): string =>
  `pragma writable_schema = on; update sqlite_schema set sql = 'create index ${index} on "${table}"(id)' where name = '${index}'`;
/** Writes big-endian numbers of 32 bits into the file header. */
const writeHeader = (path: string, numbers: Readonly<Record<number, number>>): void => {
  const bytes = readFileSync(path);
  for (const [at, value] of Object.entries(numbers)) bytes.writeUInt32BE(value, Number(at));
  writeFileSync(path, bytes);
};

describe('the full check, table by table', () => {
  test('is recorded as integrity_check when all is well', async () => {
    const path = database(`${SMALL} create index by_name on tags(name)`);
    expect(await resultsOf(path)).toEqual({
      whole: 'ok',
      split: 'ok',
      detail: 'integrity_check',
    });
  });

  test('finds an index that lost an entry', async () => {
    const path = database(`${SMALL} create index by_name on tags(name)`);
    sql(path, breakIndex('tags', 'by_name'));
    expect(await resultsOf(path)).toMatchObject({ whole: 'failed', split: 'failed' });
  });

  test('finds pages that nothing uses, which no check of a table finds', async () => {
    const path = database(`${SMALL} create table gone (x); insert into gone values (1)`);
    sql(path, 'drop table gone');
    writeHeader(path, { 32: 0, 36: 0 });
    expect(await resultsOf(path)).toMatchObject({ whole: 'failed', split: 'failed' });
  });

  test('finds two tables that share a page, which no check of a table finds', async () => {
    const path = database(`${SMALL} create table twin (id integer primary key, body text)`);
    sql(
      path,
      "pragma writable_schema = on; update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'notes') where name = 'twin'",
    );
    expect(await resultsOf(path)).toMatchObject({ whole: 'failed', split: 'failed' });
  });

  test('is not stopped by a hundred remarks about data in another table', async () => {
    const path = database(`create table a (id integer primary key, x);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) insert into a select i, null from n;
      create table b (id integer primary key, name text); insert into b values (1, 'x'), (2, 'y'); create index by_name on b(name)`);
    sql(
      path,
      `${breakIndex('b', 'by_name')}; update sqlite_schema set sql = 'create table a (id integer primary key, x not null)' where name = 'a'`,
    );
    expect(await resultsOf(path)).toMatchObject({ split: 'failed' });
  });
});

describe('the order of tables', () => {
  test('begins with the most rows, and counts the large ones', () => {
    using db = new DatabaseSync(database(SMALL), { readOnly: true });
    const all: Engine['all'] = (statement) => db.prepare(statement).all();
    expect(separateTables(all)).toEqual({ names: ['notes', 'tags', 'sqlite_schema'], large: 2 });
  });

  test('is given up when SQLite would take the name of a table for a number', async () => {
    const path = database(
      `${SMALL} create table "1st" (id integer primary key, name text); insert into "1st" values (1, 'a'), (2, 'b');
       create index by_first on "1st"(name)`,
    );
    sql(path, breakIndex('1st', 'by_first'));
    using db = new DatabaseSync(path, { readOnly: true });
    expect(separateTables((statement) => db.prepare(statement).all())).toBeUndefined();
    expect(await resultsOf(path)).toMatchObject({ whole: 'failed', split: 'failed' });
  });
});

describe('a schema that ends in a view', () => {
  // SQLite 3.53 takes the root page 0 of the view for the mark of a check of one table.
  test.each([
    ['full', 'integrity_check'],
    ['quick', 'quick_check'],
  ] as const)('does not hide a damaged freelist from the %s check', async (mode, pragma) => {
    const path = database(
      'create table t (a); create table gone (b); insert into t values (1); insert into gone values (zeroblob(9000)); create view v as select 1',
    );
    sql(path, 'drop table gone');
    writeHeader(path, { 32: 2, 36: 1 });
    using db = openForJudging(path, { isMapped: true, cacheKiB: 2048 });
    for (const isSplit of [false, true])
      expect(await checkIntegrity(engineOn(db, isSplit), mode)).toMatchObject({
        result: 'failed',
        detail: expect.stringContaining(`${pragma}: `),
      });
  });
});

describe('a memory map', () => {
  test.each([
    ['is used on request', true],
    ['is not used otherwise', false],
  ])('%s', (_, isMapped) => {
    using db = openForJudging(database(SMALL), { isMapped, cacheKiB: 2048 });
    expect(Number(db.prepare('pragma mmap_size').get()?.['mmap_size']) > 0).toBe(isMapped);
  });
});
