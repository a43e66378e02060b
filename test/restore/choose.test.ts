import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { SMALL, sql } from '../support/databases.ts';
import { datedSource } from '../support/dated-source.ts';
import { folder } from '../support/files.ts';

const dayAt = (hour: string): Date => new Date(`2026-11-23T${hour}:00Z`);

test('--at takes days and times of the database’s zone, and beginnings of ids', async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'databases: { notes: { source: notes.db, timeZone: America/Sao_Paulo } }\n',
  );
  let now = dayAt('02:00');
  const app = await testApp({
    cwd,
    overrides: { now: () => now, openSource: datedSource(() => now) },
  });
  sql(app.at('notes.db'), SMALL);
  const first = await app.backup('notes', BACKUP);
  now = dayAt('20:00');
  sql(app.at('notes.db'), "update notes set body = 'changed' where id = 1");
  const second = await app.backup('notes', BACKUP);
  const chosen = async (at: string) => {
    const { backup } = await app.query('notes', { at, sql: 'select 1' });
    const { backups } = await app.verify('notes', { at, readData: false });
    const restored = await app.restore('notes', { ...RESTORE, at, to: 'x.db', dryRun: true });
    expect([backups[0]?.id, restored.id, restored.takenAt]).toEqual([
      backup.id,
      backup.id,
      backup.takenAt,
    ]);
    return backup.id;
  };
  // 02:00 UTC is 23:00 on the 22nd in São Paulo.
  for (const at of ['2026-11-22', 'yesterday', '2026-11-23 16:59', '2h ago', first.id.slice(0, 11)])
    expect(await chosen(at), at).toBe(first.id);
  for (const at of ['2026-11-23', 'today', '2026-11-23 17:00', 'latest', second.id.slice(0, -3)])
    expect(await chosen(at), at).toBe(second.id);
  await expect(chosen('20261123')).rejects.toMatchObject({
    code: 'usage',
    message: '2 backups of notes have an ID that begins with 20261123',
    hint: `Name one of them: ${first.id}, ${second.id}.`,
  });
  await expect(chosen('20261124')).rejects.toMatchObject({ code: 'not_found' });
});
