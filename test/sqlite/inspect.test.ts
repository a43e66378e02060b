import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { checkStructure, inspect } from '../../core/sqlite/inspect.ts';
import { classify } from '../../core/sqlite/judge/findings.ts';
import { sql, SMALL } from '../support/databases.ts';
import { useOwnProcesses, useSharedProcesses } from '../support/engine/processes.ts';
import { fingerprint, folder } from '../support/files.ts';
import { INSPECT_OPTIONS as OPTIONS } from '../support/inspect-options.ts';

const database = (text: string): string => {
  const path = join(folder(), 'any.db');
  sql(path, text);
  return path;
};
const names = (checks: readonly { name: string; result: string }[]) =>
  Object.fromEntries(checks.map(({ name, result }) => [name, result]));

describe('inspection', () => {
  test('counts rows, digests the schema, and leaves nothing beside the file', async () => {
    const path = database(`pragma journal_mode = wal; ${SMALL}`);
    const before = fingerprint(join(path, '..'));
    const found = await inspect(path, OPTIONS);
    expect(found).toMatchObject({
      verdict: 'ok',
      tables: { notes: 400, tags: 133 },
      schema: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(found.engines.map(({ name }) => name)).toEqual(['sql.js']);
    expect(fingerprint(join(path, '..'))).toEqual(before);
    sql(path, 'create index more on notes(body)');
    expect((await inspect(path, OPTIONS)).schema).not.toBe(found.schema);
  });

  test('over the limit of the sandbox the native engine judges alone; virtual tables are judged by both', async () => {
    const plain = await inspect(database(SMALL), { ...OPTIONS, sandboxLimit: 1000 });
    expect(plain).toMatchObject({ verdict: 'ok', tables: { notes: 400 } });
    expect(plain.engines.map(({ name }) => name)).toEqual(['node:sqlite']);
    const virtual = await inspect(
      database(
        `${SMALL} create virtual table search using fts5(body); insert into search select body from notes`,
      ),
      OPTIONS,
    );
    expect(virtual).toMatchObject({ verdict: 'ok', tables: { notes: 400, search: 400 } });
    expect(virtual.engines.map(({ name }) => name)).toEqual(['sql.js', 'node:sqlite']);
  });

  test('both engines say the same of the same database', async () => {
    const path = database(SMALL);
    const [sandbox, native] = [
      await inspect(path, OPTIONS),
      await inspect(path, { ...OPTIONS, sandboxLimit: 0 }),
    ];
    expect([native.schema, native.tables]).toEqual([sandbox.schema, sandbox.tables]);
    expect(names(native.checks)).toEqual(names(sandbox.checks));
  });

  test('damage inside FTS5 is seen, which sql.js alone does not see', async () => {
    const path = database(
      `${SMALL} create virtual table search using fts5(body); insert into search select body from notes; update search_data set block = zeroblob(30) where id > 100`,
    );
    const found = await inspect(path, OPTIONS);
    expect(found.verdict).toBe('failed');
    expect(found.checks.find(({ result }) => result === 'failed')?.engine).toBe('node:sqlite');
  });

  test('an index that lost an entry is found by the full check, and not by the quick one', async () => {
    const path = database(`${SMALL} create index by_name on tags(name)`);
    sql(
      path,
      "pragma writable_schema = on; update sqlite_schema set sql = 'create index by_name on tags(id)' where name = 'by_name'",
    );
    expect((await inspect(path, OPTIONS)).verdict).toBe('failed');
    expect((await inspect(path, { ...OPTIONS, integrity: 'quick' })).verdict).toBe('ok');
    const limits = { timeoutMs: 60_000, signal: undefined };
    expect(names(await checkStructure(path, 'quick', limits))).toEqual({
      header: 'ok',
      integrity: 'ok',
    });
    expect(names(await checkStructure(path, 'full', limits))).toEqual({
      header: 'ok',
      integrity: 'failed',
    });
  });

  test('foreign keys are reported, refused or ignored, as configured', async () => {
    const path = database(`${SMALL} delete from notes where id = 3`);
    const verdicts = await Promise.all(
      (['warn', 'refuse', 'off'] as const).map((foreignKeys) =>
        inspect(path, { ...OPTIONS, foreignKeys }),
      ),
    );
    expect(verdicts.map(({ verdict, checks }) => [verdict, names(checks)['foreign-keys']])).toEqual(
      [
        ['ok', 'warning'],
        ['failed', 'failed'],
        ['ok', undefined],
      ],
    );
    expect(verdicts[0]?.checks.find(({ name }) => name === 'foreign-keys')?.detail).toBe(
      'violations in tags: 1',
    );
  });

  test('a finding about a table with a very long name stays short', async () => {
    const long = 'x'.repeat(5000);
    const path = database(
      `create table p (id); create table "${long}" (p references p (id)); insert into "${long}" values (7)`,
    );
    const { checks } = await inspect(path, OPTIONS);
    expect(checks.find(({ name }) => name === 'foreign-keys')?.detail).toContain('mismatch');
    for (const { detail = '' } of checks) expect(detail.length).toBeLessThanOrEqual(1024);
  });

  test('assertions must be true and only read, and each has its own result', async () => {
    const assertions = [
      { name: 'has notes', sql: 'select count(*) > 0 from notes' },
      { name: 'has robots', sql: "select count(*) > 0 from tags where name = 'robot'" },
      { name: 'is misspelt', sql: 'select count(*) from nots' },
      { name: 'writes', sql: 'delete from notes returning id' },
    ];
    for (const sandboxLimit of [OPTIONS.sandboxLimit, 0]) {
      const path = database(SMALL);
      const found = await inspect(path, { ...OPTIONS, sandboxLimit, assertions });
      expect(names(found.checks)).toMatchObject({
        'assertion: has notes': 'ok',
        'assertion: has robots': 'failed',
        'assertion: is misspelt': 'failed',
        'assertion: writes': 'failed',
      });
      expect(found.tables['notes']).toBe(400);
    }
  });

  test('a row of a table never shows in a check', async () => {
    const path = database(
      "create table secrets (v text); insert into secrets values ('hunter2'); create index by_v on secrets(v)",
    );
    const bytes = readFileSync(path);
    bytes.write('hunter3', bytes.lastIndexOf('hunter2'));
    writeFileSync(path, bytes);
    expect(JSON.stringify(await inspect(path, OPTIONS))).not.toContain('hunter');
    expect(readdirSync(join(path, '..'))).toEqual(['any.db']);
  });
});

describe('the process of an inspection', () => {
  beforeAll(useOwnProcesses);
  afterAll(useSharedProcesses);

  test.each([
    ['the sandbox', OPTIONS.sandboxLimit],
    ['the native engine', 0],
  ])('a timeout of %s is inconclusive, not damage', async (_, sandboxLimit) => {
    const path = join(folder(), 'large.db');
    createShop(path, 20 * 2 ** 20);
    const found = await inspect(path, { ...OPTIONS, sandboxLimit, timeoutMs: 60 });
    expect(found.verdict).toBe('inconclusive');
    expect(found.checks.map(({ detail }) => detail).join()).toContain('took longer');
  });

  test('is cancelled by its signal', async () => {
    const path = join(folder(), 'large.db');
    createShop(path, 20 * 2 ** 20);
    for (const sandboxLimit of [OPTIONS.sandboxLimit, 0]) {
      const stop = AbortSignal.timeout(150);
      await expect(inspect(path, { ...OPTIONS, sandboxLimit, signal: stop })).rejects.toBeDefined();
    }
  });
});

describe('a hostile database', () => {
  const engines = [
    ['in the sandbox', OPTIONS.sandboxLimit],
    ['natively', 0],
  ] as const;

  test.each(engines)(
    'cannot choose its row counts by the names of tables, %s',
    async (_, limit) => {
      const path = database(`create table users (id); insert into users values (1), (2);
      create table "__proto__" (id); insert into "__proto__" values (1), (2), (3);
      create table pragma_table_list (schema, name, type, ncol, wr, strict);
      insert into pragma_table_list values ('main', 'ghosts', 'table', 1, 0, 0);
      create view ghosts as select 1`);
      const { verdict, tables } = await inspect(path, { ...OPTIONS, sandboxLimit: limit });
      expect(verdict).toBe('ok');
      expect(Object.entries(tables)).toEqual([
        ['__proto__', 3],
        ['pragma_table_list', 1],
        ['users', 2],
      ]);
    },
  );

  test.each(engines)('cannot hide damage behind the name of an index, %s', async (_, limit) => {
    const name = 'no such collation sequence: x';
    const path = database(`${SMALL} create index "${name}" on tags(name)`);
    sql(
      path,
      `pragma writable_schema = on; update sqlite_schema set sql = 'create index "${name}" on tags(id)' where name = '${name}'`,
    );
    expect((await inspect(path, { ...OPTIONS, sandboxLimit: limit })).verdict).toBe('failed');
  });

  test('rows of a search index over an ordinary table are counted', async () => {
    const path = database(
      `${SMALL} create virtual table f using fts5(body, content='notes', content_rowid='id'); insert into f(f) values ('rebuild')`,
    );
    expect((await inspect(path, OPTIONS)).tables['f']).toBe(400);
  });
});

describe('the findings of integrity_check', () => {
  test.each([
    [['ok'], 'ok'],
    [['NULL value in tags.extra'], 'warning'],
    [['CHECK constraint failed in tags'], 'warning'],
    [['no such collation sequence: klingon'], 'inconclusive'],
    [
      ['unable to validate the inverted index for FTS5 table main.search: SQL logic error'],
      'inconclusive',
    ],
    [['wrong # of entries in index by_name'], 'failed'],
    [['wrong # of entries in index no such collation sequence: x'], 'failed'],
    [['row 3 missing from index out of memory'], 'failed'],
    [['out of memory'], 'inconclusive'],
    [['string or blob too big'], 'inconclusive'],
    [['interrupted'], 'inconclusive'],
    [['NULL value in tags.extra', 'row 3 missing from index by_name'], 'failed'],
    [
      [
        'no such collation sequence: klingon',
        'Tree 3 page 4: btreeInitPage() returns error code 11',
      ],
      'failed',
    ],
    [['something that no version says today'], 'failed'],
  ] as const)('%j means %s', (rows, result) => {
    expect(classify(rows, 'sql.js').result).toBe(result);
  });
});
