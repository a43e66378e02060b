import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { fingerprint, sha256 } from '../support/files.ts';

describe('backup and restore', () => {
  test('a chain of a full backup and increments restores to each of its snapshots', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    const made = [await app.backup('notes.db', BACKUP)];
    for (let n = 1; n <= 3; n += 1) {
      sql(app.at('notes.db'), `update notes set body = 'changed ${n}' where id = ${n * 100}`);
      made.push(await app.backup('notes.db', BACKUP));
    }
    expect(made.map(({ kind }) => kind)).toEqual([
      'full',
      'incremental',
      'incremental',
      'incremental',
    ]);
    for (const backup of made) {
      const done = await app.restore('notes', { ...RESTORE, to: `${backup.id}.db`, at: backup.id });
      expect(sha256(app.at(`${backup.id}.db`))).toBe(backup.sha256);
      expect(done).toMatchObject({
        id: backup.id,
        database: 'notes',
        size: backup.size,
        sha256: backup.sha256,
      });
    }
  });

  test('the same request twice, and twice at once, gives one backup', async () => {
    const at = new Date('2026-11-23T03:00:00Z');
    const app = await testApp({ overrides: { now: () => at } });
    sql(app.at('notes.db'), SMALL);
    const request = { ...BACKUP, key: 'message-1' };
    const made = await Promise.all([
      app.backup('notes.db', request),
      app.backup('notes.db', request),
    ]);
    made.push(await app.backup('notes.db', request));
    expect(new Set(made.map(({ id }) => id))).toEqual(new Set(['20261123T030000Z-9deb880b']));
    expect(await app.list('notes')).toHaveLength(1);
    expect((await app.verify('notes', { readData: true })).backups).toEqual([
      { id: made[0]?.id, takenAt: made[0]?.takenAt, ok: true, problems: [] },
    ]);
  });

  test('a backup that is deleted before it is held is not reported as made', async () => {
    const store = createMemoryStore();
    const hold: Store['hold'] = async (key, held) => {
      // Another host whose clock is ahead has deleted it.
      if (key.endsWith('/manifest.json')) throw new LifeboatError('not_found', key, 'None.');
      return store.hold(key, held);
    };
    const app = await testApp({ overrides: { store: { ...store, hold } } });
    sql(app.at('notes.db'), SMALL);
    await expect(app.backup('notes.db', BACKUP)).rejects.toMatchObject({
      code: 'backup_damaged',
      message: expect.stringMatching(/ of notes was deleted right after its commit$/) as string,
    });
  });

  test('the source and its folder stay as they are', async () => {
    const app = await testApp();
    mkdirSync(app.at('data'));
    sql(app.at('data/notes.db'), SMALL);
    const before = fingerprint(app.at('data'));
    await app.backup('data/notes.db', BACKUP);
    expect(fingerprint(app.at('data'))).toEqual(before);
  });

  test('an existing target, or a -wal beside it, is refused and untouched', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    await app.backup('notes.db', BACKUP);
    writeFileSync(app.at('there.db'), 'precious');
    await expect(app.restore('notes', { ...RESTORE, to: 'there.db' })).rejects.toMatchObject({
      code: 'usage',
    });
    expect(readFileSync(app.at('there.db'), 'utf8')).toBe('precious');
    writeFileSync(app.at('other.db-wal'), 'precious');
    await expect(app.restore('notes', { ...RESTORE, to: 'other.db' })).rejects.toMatchObject({
      code: 'usage',
    });
    const done = await app.restore('notes', { ...RESTORE, to: 'there.db', force: true });
    expect(done.setAside.map((path) => readFileSync(path, 'utf8'))).toEqual(['precious']);
  });

  test('two files of one name, given by their paths, are not mixed into one history', async () => {
    const app = await testApp();
    for (const name of ['a', 'b']) {
      mkdirSync(app.at(name));
      sql(app.at(`${name}/db.sqlite3`), SMALL);
    }
    const { id } = await app.backup('a/db.sqlite3', BACKUP);
    await expect(app.backup('b/db.sqlite3', BACKUP)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('a/db.sqlite3'),
    });
    expect((await app.list()).map((each) => each.id)).toEqual([id]);
  });
});
