import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { encodeManifest } from '../../core/format/manifest.ts';
import { inspect } from '../../core/sqlite/inspect.ts';
import { queryFile } from '../../core/sqlite/query.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { MANIFEST_CONTENT as content } from '../support/manifest-content.ts';
import { INSPECT_OPTIONS as OPTIONS } from '../support/inspect-options.ts';

const database = (text: string): string => {
  const path = join(folder(), 'any.db');
  sql(path, text);
  return path;
};
const ask = (text: string, path: string) => queryFile(path, text, undefined);

describe('a manifest that is too large', () => {
  const names = Array.from({ length: 70 }, (_, n) => [`${n}`.padEnd(2 ** 20, 'x'), 1] as const);

  test('is not written', () => {
    const inspection = { ...content.inspection, tables: Object.fromEntries(names) };
    expect(() => encodeManifest({ ...content, inspection })).toThrow(
      expect.objectContaining({ code: 'source_invalid', message: expect.stringMatching(/MiB/) }),
    );
  });
});

describe('the process of a query', () => {
  test('keeps a value that a view computes, and a result, within bounds', async () => {
    const path = database(
      `${SMALL} create view v as select hex(zeroblob(400000000)) as x;
       create view many as with recursive n(i) as (select 1 union all select i + 1 from n) select hex(zeroblob(1000000)) from n`,
    );
    await expect(ask('select length(x) from v', path)).rejects.toMatchObject({
      code: 'usage',
      message: 'the statement failed: string or blob too big',
    });
    await expect(ask('select * from many', path)).rejects.toMatchObject({
      code: 'usage',
      message: 'the result is larger than 256 MiB',
    });
  });
});

describe('a hostile database', () => {
  test.each([
    ['a value of 480 MB', 'select 1 as rowid, hex(zeroblob(240000000)) as x'],
    [
      'rows without end',
      'with recursive n(x) as (select 1 union all select x + 1 from n) select x as rowid, x from n',
    ],
  ])(
    'whose search index reads %s from a view is judged in short time and little memory',
    async (_, view) => {
      const path = database(
        `${SMALL} create view v as ${view}; create virtual table f using fts5(x, content='v')`,
      );
      const inspection = await inspect(path, { ...OPTIONS, integrity: 'quick', timeoutMs: 20_000 });
      expect(inspection).toMatchObject({ verdict: 'ok', tables: { notes: 400 } });
      expect(inspection.checks).toContainEqual({
        name: 'tables',
        result: 'warning',
        engine: 'node:sqlite',
        detail: 'rows of the virtual table f are not counted: another object computes them',
      });
    },
  );

  test('whose CHECK takes too much memory is judged by the other engine, and is not called damaged', async () => {
    const path = database(`pragma ignore_check_constraints = 1;
      create table t (a, check (length(replace(hex(zeroblob(249000000)), '0', '00')) > 0)); insert into t values (1)`);
    const { verdict, engines: judges } = await inspect(path, OPTIONS);
    expect(verdict).toBe('ok');
    expect(judges.map(({ name }) => name)).toEqual(['sql.js', 'node:sqlite']);
  });

  test('whose index computes forty values of 60 MB for a row is inconclusive, in less than 1.5 GiB', async () => {
    const path = database('create table t (a); create index i on t (a); insert into t values (1)');
    const values = Array.from({ length: 40 }, (_, n) => `hex(zeroblob(30000000 + a + ${n}))`);
    using db = new DatabaseSync(path, { defensive: false });
    db.exec('pragma writable_schema = on');
    const index = `create index i on t (${values.join(', ')})`;
    db.prepare("update sqlite_schema set sql = ? where name = 'i'").run(index);
    const { verdict, checks } = await inspect(path, { ...OPTIONS, sandboxLimit: 0 });
    expect(verdict).toBe('inconclusive');
    expect(checks.find(({ name }) => name === 'integrity')?.detail).toContain('out of memory');
  });
});
