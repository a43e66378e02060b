import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateKeys } from '../../core/format/keys.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

test.each([
  ['', false],
  [', with keyed fingerprints', true],
])(
  'verify --read-data reads the data of every backup of a chain once%s',
  async (_, isEncrypted) => {
    const cwd = folder();
    const { recipient, identity, key } = await generateKeys();
    const encryption = isEncrypted ? `, encryption: { recipients: [${recipient}] }` : '';
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      `databases: { shop: { source: shop.db${encryption} } }`,
    );
    const env = { TMPDIR: cwd, LIFEBOAT_IDENTITY: identity, LIFEBOAT_KEY: key };
    const memory = createMemoryStore();
    const reads: string[] = [];
    const store = {
      ...memory,
      read: (key: string) => {
        reads.push(key);
        return memory.read(key);
      },
    };
    const app = await testApp({ cwd, env, overrides: { store } });
    const path = app.at('shop.db');
    sql(
      path,
      'create table t (v text); with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select hex(randomblob(200)) from n',
    );
    const kinds: string[] = [];
    for (const kind of ['full', 'incremental', 'incremental'] as const) {
      kinds.push((await app.backup('shop', { ...BACKUP, kind })).kind);
      sql(path, "update t set v = 'changed' where rowid % 700 = 0");
    }
    expect(kinds).toEqual(['full', 'incremental', 'incremental']);
    reads.length = 0;
    const { backups } = await app.verify('shop', { readData: true });
    expect(backups.map(({ ok }) => ok)).toEqual([true, true, true]);
    const data = reads.filter((key) => /\.zst(\.age)?$/.test(key));
    expect(data).toHaveLength(3);
    expect(new Set(data).size).toBe(3);
  },
);
