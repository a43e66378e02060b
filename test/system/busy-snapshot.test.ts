import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { copyDatabase } from '../../core/sqlite/snapshot/copy-pages.ts';
import { expectConsistentSnapshots } from '../support/busy-snapshot.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

test.each([['delete'], ['truncate'], ['persist'], ['memory']])(
  'a snapshot under a busy writer is consistent in %s mode every time and reports its progress',
  (mode) => expectConsistentSnapshots(mode),
);

/** Sets all rows to one value in each of its transactions, with a checkpoint after each. */
const REWRITE = `
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(process.argv[1]);
  for (let n = 0; n < 2; n += 1) {
    db.exec('update t set turn = turn + 1');
    for (const mode of ['passive', 'truncate']) db.exec('pragma wal_checkpoint(' + mode + ')');
  }
  console.log(db.prepare('select max(turn) as turn from t').get().turn);
  db.close();`;

test('a copy in WAL mode is consistent when another process writes and checkpoints all pages in its middle', async () => {
  const [used, path, target] = ['used', 'source', 'copy'].map((name) => join(folder(), name)) as [
    string,
    string,
    string,
  ];
  sql(
    used,
    `pragma journal_mode = wal; create table t (turn, pad); with recursive n(i) as (select 1 union
     all select i + 1 from n where i < 12000) insert into t select 0, zeroblob(1000) from n`,
  );
  {
    using db = new DatabaseSync(used);
    db.exec('pragma wal_autocheckpoint = 0; update t set turn = 1');
    // As if a process had died: closing would merge the -wal.
    for (const suffix of ['', '-wal']) copyFileSync(`${used}${suffix}`, `${path}${suffix}`);
  }
  const turns: number[] = [];
  const onProgress = (copied: number, total: number): void => {
    if (copied < total) turns.push(Number(execFileSync(process.execPath, ['-e', REWRITE, path])));
  };
  await copyDatabase(path, target, { busyTimeoutMs: 0, limit: undefined, onProgress });
  expect(turns).toEqual([3, 5, 7].slice(0, turns.length));
  expect(turns.length).toBeGreaterThan(1);
  using copy = new DatabaseSync(target, { readOnly: true });
  expect(copy.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(copy.prepare('select distinct turn from t').all()).toEqual([{ turn: 1 }]);
});
