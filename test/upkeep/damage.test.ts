import {
  copyFileSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collect } from '../../core/lib/bytes/bytes.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { copyStore, KEY, made, prepareStore } from '../support/damaged-store.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

prepareStore();

describe('a damaged store', () => {
  test.each([
    ['manifest.json', true],
    ['zst', true],
    ['fingerprints', false],
  ])('a missing %s is noticed', async (name, needed) => {
    for (const id of [made.full, made.increment]) {
      const { find, expectDamage, app } = await copyStore();
      rmSync(find(id, name));
      // Without its newest manifest the catalog is a valid older one: only the record of the run knows better.
      const older = name === 'manifest.json' && id === made.increment;
      await expectDamage(older ? /gone before its expiry/ : /missing|ancestor/, needed && !older);
      if (older) expect((await app.list('a')).map((each) => each.id)).toEqual([made.full]);
    }
  });

  test('a truncated object is noticed', async () => {
    for (const id of [made.full, made.increment]) {
      const { find, expectDamage } = await copyStore();
      truncateSync(find(id, 'zst'), 40);
      await expectDamage(/40 bytes instead of/);
    }
  });

  test('an object swapped with that of another database is noticed', async () => {
    for (const name of ['database.sqlite3.zst', 'pages.zst']) {
      const { objects, expectDamage } = await copyStore();
      const [mine, other] = ['a', 'b'].map(
        (database) => objects(database).find((path) => path.endsWith(name)) ?? '',
      );
      copyFileSync(other ?? '', mine ?? '');
      await expectDamage(/SHA-256|bytes instead of/);
    }
  });

  test('a manifest of a newer version is refused, and the hint says which version reads it', async () => {
    const { app, find, expectDamage } = await copyStore();
    const path = find(made.increment, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"lifeboat": 1', '"lifeboat": 2'));
    await expectDamage(/format version 2/);
    await expect(
      app.restore('a', { ...RESTORE, to: 'out.db', at: made.increment }),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('newer'),
    });
  });

  test('a manifest that names another database, or an object of another, is refused', async () => {
    const planted = await copyStore();
    const foreign = planted.objects('b').find((path) => path.endsWith('manifest.json')) ?? '';
    copyFileSync(foreign, planted.find(made.increment, 'manifest.json'));
    await planted.expectDamage(/says that it is b\//);
    const other = await copyStore();
    const path = other.find(made.increment, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"databases/a/', '"databases/b/'));
    await other.expectDamage(/digest/);
  });

  test('with LIFEBOAT_KEY a planted or changed manifest is backup_forged', async () => {
    const { app, find } = await copyStore({ LIFEBOAT_KEY: 'cd'.repeat(32) });
    await expect(app.restore('a', { ...RESTORE, to: 'out.db' })).rejects.toMatchObject({
      code: 'backup_forged',
      exit: 5,
    });
    const right = await copyStore({ LIFEBOAT_KEY: KEY });
    const path = right.find(made.increment, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"hmac": "[^"]+"/, '"hmac": null'));
    await expect(right.app.restore('a', { ...RESTORE, to: 'out.db' })).rejects.toMatchObject({
      code: 'backup_forged',
    });
    expect(find(made.full, 'zst')).not.toBe('');
  });

  test('verify --read-data names the damaged pages', async () => {
    const cwd = folder();
    const app = await testApp({ cwd });
    sql(
      app.at('big.db'),
      'create table t (v text); with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500) insert into t select hex(randomblob(1000)) from n',
    );
    const { id, pages } = await app.backup('big.db', BACKUP);
    const path = join(cwd, 'backups/databases/big', id);
    const data =
      readdirSync(path, { recursive: true, encoding: 'utf8' }).find((name) =>
        name.endsWith('.zst'),
      ) ?? '';
    const bytes = readFileSync(join(path, data));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 5000) ^ 1, bytes.length - 5000);
    writeFileSync(join(path, data), bytes);
    const { backups } = await app.verify('big', { readData: true });
    // The last frame of 1 MiB is damaged, so its first page is known.
    const first = Math.floor((pages.count - 1) / 256) * 256 + 1;
    expect(backups[0]?.problems.join()).toContain(`damaged pages: ${first}, ${first + 1}`);
  });

  test('a backup fails when its manifest does not read back as it was written', async () => {
    const store = createMemoryStore();
    const read: Store['read'] = async function* (key) {
      const bytes = await collect(store.read(key));
      if (key.endsWith('/manifest.json')) bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
      yield bytes;
    };
    const cwd = folder();
    sql(join(cwd, 'a.db'), 'create table t (id integer primary key)');
    const app = await testApp({ cwd, overrides: { store: { ...store, read } } });
    await expect(app.backup('a.db', BACKUP)).rejects.toMatchObject({ code: 'backup_damaged' });
    expect(await app.list('a')).toEqual([]);
  });

  test('a deleted folder is noticed', async () => {
    const { app, cwd } = await copyStore();
    rmSync(join(cwd, 'backups/databases/a'), { recursive: true });
    const { backups } = await app.verify('a', { readData: false });
    expect(backups.map(({ id, ok }) => [id, ok])).toEqual([
      [made.increment, false],
      [made.full, false],
    ]);
  });
});
