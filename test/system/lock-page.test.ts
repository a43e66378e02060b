import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { sha256 } from '../support/files.ts';

// SQLite never uses the page at 1 GiB, where it locks bytes. https://www.sqlite.org/fileformat2.html#the_lock_byte_page
test.each([4096, 65_536])(
  'a database beyond the lock page at 1 GiB restores from full and incremental backups, with pages of %d bytes',
  async (pageSize) => {
    const app = await testApp();
    const path = app.at('large.db');
    sql(
      path,
      `pragma page_size = ${pageSize}; pragma synchronous = off; create table blobs (id integer primary key, b blob);
     with recursive n(i) as (select 1 union all select i + 1 from n where i < 1032) insert into blobs select i, zeroblob(1048576) from n;
     insert into blobs values (2000, randomblob(100000))`,
    );
    expect(statSync(path).size).toBeGreaterThan(2 ** 30 + 8 * 2 ** 20);
    const made = [await app.backup('large.db', BACKUP)];
    sql(
      path,
      'update blobs set b = randomblob(1048576) where id in (1, 1031, 1032); update blobs set b = randomblob(50000) where id = 2000',
    );
    made.push(await app.backup('large.db', { ...BACKUP, kind: 'incremental' }));
    expect(made.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['full', 'ok'],
      ['incremental', 'ok'],
    ]);
    expect((made[1]?.pages.stored ?? 0) * pageSize).toBeLessThan(8 * 2 ** 20);
    for (const { id, sha256: sum } of made) {
      await app.restore('large', { ...RESTORE, at: id, to: 'back.db', force: true });
      expect(sha256(app.at('back.db'))).toBe(sum);
    }
    const restored = new DatabaseSync(app.at('back.db'), { readOnly: true });
    const live = new DatabaseSync(path, { readOnly: true });
    const ask =
      'select count(*) as n, sum(length(b)) as bytes, (select hex(substr(b, 1, 20)) from blobs where id = 1032) as last from blobs';
    expect(restored.prepare(ask).get()).toEqual(live.prepare(ask).get());
    restored.close();
    live.close();
  },
);
