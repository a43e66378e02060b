import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { sql, SMALL } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';
import { lifeboat, mountTmpfs } from '../support/root.ts';

// Needs root to mount small file systems.
const shop = (): string => {
  const path = join(folder(), 'shop.db');
  createShop(path, 24 * 2 ** 20);
  return path;
};
const files = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

describe('a full disk', () => {
  test('for the snapshot: insufficient_space, and nothing is left behind', () => {
    const [cwd, small, source] = [folder(), mountTmpfs(8), shop()];
    // With a -wal it must be copied, however long it has been idle.
    const db = new DatabaseSync(source);
    onTestFinished(() => db.close());
    db.exec('pragma journal_mode = wal; create table live (id integer)');
    const done = lifeboat(['backup', source], { cwd, env: { TMPDIR: small } });
    expect(done).toMatchObject({
      status: 7,
      document: { ok: false, error: { code: 'insufficient_space' } },
    });
    expect(readdirSync(small)).toEqual([]);
    expect(lifeboat(['list', 'shop'], { cwd }).document['backups']).toEqual([]);
  });

  test('of the store: insufficient_space, nothing half-written, and earlier backups restore', () => {
    const [cwd, small] = [folder(), mountTmpfs(8)];
    const store = join(small, 'backups');
    sql(join(cwd, 'notes.db'), SMALL);
    expect(
      lifeboat(['backup', 'notes.db', '--store', store], { cwd, env: { TMPDIR: cwd } }).status,
    ).toBe(0);
    const before = fingerprint(join(store, 'databases'));
    const done = lifeboat(['backup', shop(), '--store', store], { cwd, env: { TMPDIR: cwd } });
    expect(done).toMatchObject({
      status: 7,
      document: { ok: false, error: { code: 'insufficient_space' } },
    });
    expect(
      fingerprint(join(store, 'databases')).filter((line) => line.startsWith('notes')),
    ).toEqual(before.filter((line) => line.startsWith('notes')));
    expect(
      files(join(store, 'databases')).filter(
        (name) => name.startsWith('.tmp-') || name.startsWith('database.sqlite3.zst'),
      ),
    ).toHaveLength(2);
    expect(
      lifeboat(['restore', 'notes', '--to', 'back.db', '--store', store], { cwd }).status,
    ).toBe(0);
    expect(
      lifeboat(['verify', 'notes', '--read-data', '--store', store], { cwd, env: { TMPDIR: cwd } })
        .status,
    ).toBe(0);
  });

  test('for a restore: insufficient_space, and no target', () => {
    const [cwd, small, source] = [folder(), mountTmpfs(8), shop()];
    expect(lifeboat(['backup', source], { cwd, env: { TMPDIR: cwd } }).status).toBe(0);
    const done = lifeboat(['restore', 'shop', '--to', join(small, 'back.db')], {
      cwd,
      env: { TMPDIR: cwd },
    });
    expect(done).toMatchObject({
      status: 7,
      document: { ok: false, error: { code: 'insufficient_space' } },
    });
    expect(readdirSync(small)).toEqual([]);
  });
});
