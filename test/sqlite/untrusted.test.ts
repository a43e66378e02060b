import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openUntrusted } from '../../core/sqlite/untrusted.ts';
import { sql } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';

test('a file that may be hostile is opened in defensive mode, without trust in its schema, and only read', () => {
  const cwd = folder();
  const path = join(cwd, 'any.db');
  sql(path, 'create table t (v); insert into t values (1)');
  const before = fingerprint(cwd);
  using db = openUntrusted(path);
  // Defensive mode ignores it.
  db.exec('pragma writable_schema = on');
  const valueOf = (name: string) => Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0];
  expect(
    ['writable_schema', 'trusted_schema', 'query_only', 'cell_size_check'].map(valueOf),
  ).toEqual([0, 0, 1, 1]);
  expect(() => db.exec('insert into t values (2)')).toThrow('readonly');
  expect(() => db.exec("select load_extension('x')")).toThrow();
  expect(fingerprint(cwd)).toEqual(before);
});
