import { copyFileSync, openSync, closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openPaths } from '../../core/sqlite/descriptor.ts';
import { MOVED } from '../../core/sqlite/file-state.ts';
import { copyDatabase } from '../../core/sqlite/snapshot/copy-pages.ts';
import { pinnedWal } from '../../core/sqlite/snapshot/pinned-wal.ts';
import { mergeSibling } from '../../core/sqlite/snapshot/recover-copy.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const PAGE_SIZE = 4096;
const SHAPE = { pageSize: PAGE_SIZE, limit: undefined };
const OPTIONS = { busyTimeoutMs: 0, limit: undefined, onProgress: () => undefined };

/** A database with a -wal that no process of this machine has open: two copies of one in use. */
function withWal(statements: string): string {
  const [home, path] = [folder(), join(folder(), 'used.db')];
  sql(path, 'pragma journal_mode = wal; create table t (a); insert into t values (1)');
  using db = new DatabaseSync(path);
  db.exec(`pragma wal_autocheckpoint = 0; ${statements}`);
  const copy = join(home, 'source.db');
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  return copy;
}

/** A connection that is in a read transaction, and the files that were open before it. */
function reading(path: string, first = 'select 1') {
  const before = openPaths();
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  db.exec(`pragma wal_autocheckpoint = 0; ${first}; begin; select * from t`);
  return before;
}

test('the -wal that a read transaction uses is pinned, with all frames of its index', () => {
  const path = withWal('insert into t values (2); insert into t values (3)');
  const before = reading(path);
  expect(pinnedWal(path, before, SHAPE)).toMatchObject({ frames: 2 });
});

test('nothing is pinned for a reader of the database file alone: a writer may begin the -wal anew', () => {
  const path = withWal('insert into t values (2)');
  const before = reading(path, 'pragma wal_checkpoint(passive)');
  expect(pinnedWal(path, before, SHAPE)).toBeUndefined();
});

test('a -wal that was begun anew is pinned with its new frames only', () => {
  const path = withWal('insert into t values (2); insert into t values (3)');
  const before = reading(path, 'pragma wal_checkpoint(passive); insert into t values (4)');
  expect(pinnedWal(path, before, SHAPE)).toMatchObject({ frames: 1 });
});

test('nothing is pinned when the index is about another -wal, or the -wal is shorter', () => {
  const path = withWal('insert into t values (2)');
  const before = reading(path);
  expect(pinnedWal(path, before, { ...SHAPE, pageSize: 65_536 })).toBeUndefined();
  overwrite(`${path}-wal`, 16, 'other salt');
  expect(pinnedWal(path, before, SHAPE)).toBeUndefined();
});

test('nothing is pinned when SQLite has another file open than the one of this name', () => {
  const path = withWal('insert into t values (2)');
  const before = reading(path);
  expect(pinnedWal(join(folder(), 'source.db'), before, SHAPE)).toBeUndefined();
  expect(pinnedWal(path, openPaths(), SHAPE)).toBeUndefined();
});

test('nothing is pinned where there is no space for both files and their merge', () => {
  const path = withWal('insert into t values (2)');
  const before = reading(path);
  const needed = 2 * PAGE_SIZE + 2 * (32 + 24 + PAGE_SIZE);
  const limit = { code: 'insufficient_space', message: '', hint: '' } as const;
  const pinnedWithin = (bytes: number) =>
    pinnedWal(path, before, { ...SHAPE, limit: { ...limit, bytes } });
  expect(pinnedWithin(needed - 1)).toBeUndefined();
  expect(pinnedWithin(needed)).toMatchObject({ frames: 1 });
});

test('the copy has the rows of the -wal, and leaves the database and its -wal as they are', async () => {
  const path = withWal('insert into t values (2); insert into t values (zeroblob(20000))');
  const files = () => ['', '-wal'].map((suffix) => readFileSync(`${path}${suffix}`, 'latin1'));
  const before = files();
  const target = join(folder(), 'copy.db');
  const reports: number[][] = [];
  await copyDatabase(path, target, { ...OPTIONS, onProgress: (...each) => reports.push(each) });
  using copy = new DatabaseSync(target, { readOnly: true });
  expect(copy.prepare('select sum(a) as sum from t').get()).toEqual({ sum: 3 });
  // The bytes of the file: the backup API would count the pages that only the -wal has, too.
  expect(reports).toEqual([[2 * PAGE_SIZE, 2 * PAGE_SIZE]]);
  expect(files()).toEqual(before);
});

test('a copied -wal with fewer sound frames than were committed is refused', () => {
  const path = withWal('insert into t values (2); insert into t values (3)');
  overwrite(`${path}-wal`, 32 + (24 + PAGE_SIZE) + 100, 'damage');
  expect(() => mergeSibling(path, 2)).toThrow(expect.toSatisfy((error) => error === MOVED));
});

function overwrite(path: string, at: number, text: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, text, at);
  closeSync(file);
}
