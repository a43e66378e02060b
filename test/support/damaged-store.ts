import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { BACKUP, RESTORE, testApp } from './app.ts';
import { sql } from './databases.ts';
import { datedSource } from './dated-source.ts';
import { folder } from './files.ts';

// The store is created once and copied for each test: a full backup and an increment of two databases.
export const KEY = 'ab'.repeat(32);
export const made: { full: string; increment: string } = { full: '', increment: '' };

let original = '';

/** Creates the store before the tests of a file and removes it after them. */
export function prepareStore(): void {
  beforeAll(async () => {
    original = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
    // Every backup gets a second of its own, because ids of one second are in no order.
    let time = Date.now() - 60_000;
    const now = () => new Date(time);
    const app = await testApp({
      cwd: original,
      env: { TMPDIR: original, LIFEBOAT_KEY: KEY },
      overrides: { now, openSource: datedSource(now) },
    });
    for (const name of ['a.db', 'b.db']) {
      sql(
        app.at(name),
        `create table t (id integer primary key, v text); insert into t values (1, '${name}'), (2, hex(zeroblob(3000)))`,
      );
      const full = await app.backup(name, BACKUP);
      time += 1000;
      sql(app.at(name), "update t set v = 'changed' where id = 1");
      const increment = await app.backup(name, { ...BACKUP, kind: 'incremental' });
      if (name === 'a.db') Object.assign(made, { full: full.id, increment: increment.id });
    }
    return () => rmSync(original, { recursive: true, force: true });
  });
}

/** A copy of the store for one test, with helpers that find objects and expect their damage to be detected. */
export async function copyStore(env: Record<string, string> = {}) {
  const cwd = folder();
  cpSync(join(original, 'backups'), join(cwd, 'backups'), {
    recursive: true,
    preserveTimestamps: true,
  });
  const app = await testApp({ cwd, env: { TMPDIR: cwd, ...env } });
  const objects = (database: string): string[] =>
    readdirSync(join(cwd, 'backups/databases', database), {
      recursive: true,
      withFileTypes: true,
      encoding: 'utf8',
    })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.meta'))
      .map((entry) => join(entry.parentPath, entry.name));
  const find = (id: string, name: string): string =>
    objects('a').find((path) => path.includes(id) && path.includes(name)) ?? '';
  /** Verify names the damage. A restore that needs the object fails with status 5 and writes nothing. */
  const expectDamage = async (says: RegExp, needed = true): Promise<void> => {
    const { backups } = await app.verify('a', { readData: true });
    expect(backups.some(({ ok }) => !ok)).toBe(true);
    expect(backups.flatMap(({ problems }) => problems).join('; ')).toMatch(says);
    if (!needed) return;
    await expect(app.restore('a', { ...RESTORE, to: 'out.db' })).rejects.toMatchObject({ exit: 5 });
    expect(readdirSync(cwd).filter((name) => name.includes('out.db'))).toEqual([]);
  };
  return { app, cwd, find, objects, expectDamage };
}
