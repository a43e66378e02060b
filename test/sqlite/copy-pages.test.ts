import { renameSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openPaths } from '../../core/sqlite/descriptor.ts';
import { MOVED } from '../../core/sqlite/file-state.ts';
import { copyDatabase } from '../../core/sqlite/snapshot/copy-pages.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const OPTIONS = { busyTimeoutMs: 0, limit: undefined, onProgress: () => undefined };
const paths = () => {
  const home = folder();
  return { source: join(home, 'source.db'), target: join(home, 'copy.db'), home };
};

describe('the copy of a live database', () => {
  test('has the bytes of the file in rollback mode', async () => {
    const { source, target } = paths();
    sql(source, SMALL);
    await copyDatabase(source, target, OPTIONS);
    expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
  });

  test('keeps writers from committing until the last byte is copied', async () => {
    const { source, target } = paths();
    sql(source, SMALL);
    const attempts: string[] = [];
    const write = (): void => {
      try {
        sql(source, 'delete from tags');
        attempts.push('committed');
      } catch (error) {
        attempts.push(String(error));
      }
    };
    await copyDatabase(source, target, { ...OPTIONS, onProgress: write });
    expect(attempts).toEqual([expect.stringContaining('database is locked')]);
    write();
    expect(attempts[1]).toBe('committed');
  });

  test('has the rows that only the -wal has, in WAL mode', async () => {
    const { source, target } = paths();
    sql(source, `pragma journal_mode = wal; ${SMALL}`);
    using writer = new DatabaseSync(source);
    writer.exec('pragma wal_autocheckpoint = 0; delete from tags');
    await copyDatabase(source, target, OPTIONS);
    using copy = new DatabaseSync(target);
    expect(copy.prepare('select count(*) as n from tags').get()).toEqual({ n: 0 });
  });

  test('is not taken from another file that was put in the place of the locked one', async () => {
    const { source, target, home } = paths();
    sql(source, SMALL);
    sql(join(home, 'other.db'), SMALL);
    const options = {
      ...OPTIONS,
      // Asked for between the lock and the copy.
      get limit() {
        renameSync(join(home, 'other.db'), source);
        return undefined;
      },
    };
    await expect(copyDatabase(source, target, options)).rejects.toBe(MOVED);
  });
});

test('the list of open files does not count the descriptor that lists them', () => {
  const before = openPaths();
  const db = new DatabaseSync(join(folder(), 'any.db'));
  db.exec('create table t (a)');
  const opened = [...openPaths()].filter(([file]) => !before.has(file));
  db.close();
  expect(opened.map(([, path]) => path)).toEqual([expect.stringMatching(/any\.db$/)]);
});
