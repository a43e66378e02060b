import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { sha256 } from '../support/files.ts';

describe('at once', () => {
  test('a backup, a restore, a verify and a prune do not disturb each other', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    const first = await app.backup('notes.db', BACKUP);
    sql(app.at('notes.db'), 'delete from tags where id < 30');
    const [second, , { backups }] = await Promise.all([
      app.backup('notes.db', BACKUP),
      app.restore('notes', { ...RESTORE, at: first.id, to: 'back.db' }),
      app.verify('notes', { readData: true }),
      app.prune({ dryRun: false }),
      app.prune({ dryRun: false }),
    ]);
    expect(sha256(app.at('back.db'))).toBe(first.sha256);
    expect(backups.every(({ ok }) => ok)).toBe(true);
    expect((await app.list('notes')).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  test('two restores to one target: one wins, the other is refused, and no partial file is left', async () => {
    const app = await testApp();
    sql(app.at('notes.db'), SMALL);
    const { sha256: expected } = await app.backup('notes.db', BACKUP);
    const ended = await Promise.allSettled([
      app.restore('notes', { ...RESTORE, to: 'back.db' }),
      app.restore('notes', { ...RESTORE, to: 'back.db' }),
    ]);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(sha256(app.at('back.db'))).toBe(expected);
    expect(readdirSync(app.cwd).filter((name) => name.includes('back.db'))).toEqual(['back.db']);
  });
});
