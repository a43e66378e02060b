import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

test('restore, dry run and query refuse a backup that does not fit, before they read it', async () => {
  const cwd = folder();
  sql(join(cwd, 'notes.db'), SMALL);
  let free = Infinity;
  const space = {
    memory: () => undefined,
    filesInMemory: false,
    free: async () => free,
    volume: async () => undefined,
    reserve: { share: 0.1 },
  };
  const app = await testApp({ cwd, overrides: { space } });
  const { size } = await app.backup('notes.db', BACKUP);
  free = size - 1;
  const before = readdirSync(cwd);
  const target = { ...RESTORE, to: 'back.db' };
  const refusal = {
    code: 'insufficient_space',
    message: expect.stringMatching(
      /^the backup of notes needs \S+ KiB in \S+, but only \S+ KiB are free$/,
    ),
  };
  await expect(app.restore('notes', target)).rejects.toMatchObject(refusal);
  await expect(app.restore('notes', { ...target, dryRun: true })).rejects.toMatchObject(refusal);
  await expect(app.query('notes', { at: 'latest', sql: 'select 1' })).rejects.toMatchObject(
    refusal,
  );
  free = 2 * size - 1;
  const rows = { from: 'latest', to: 'latest', rows: { limit: 1 } };
  await expect(app.diff('notes', rows)).rejects.toMatchObject({
    code: 'insufficient_space',
    message: expect.stringMatching(/^restoring two backups of notes needs \S+ KiB in /),
  });
  expect(readdirSync(cwd)).toEqual(before);
  free = size;
  await app.restore('notes', target);
  expect(existsSync(join(cwd, 'back.db'))).toBe(true);
});
