import { expect, test } from 'vitest';
import { BACKUP, RESTORE, testApp } from '../support/app.ts';
import { sha256 } from '../support/files.ts';
import { expectConsistent, startWriter } from '../support/writer.ts';

test('two backups of one database under a writer are both valid', async () => {
  const app = await testApp();
  await startWriter(app.at('busy.db'), 'wal', 5);
  await app.backup('busy.db', BACKUP);
  const made = await Promise.all([
    app.backup('busy.db', BACKUP),
    app.backup('busy.db', BACKUP),
    app.backup('busy.db', { ...BACKUP, kind: 'full' }),
  ]);
  expect(new Set(made.map(({ id }) => id)).size).toBe(3);
  for (const { id, sha256: expected } of await app.list('busy')) {
    await app.restore('busy', { ...RESTORE, at: id, to: `${id}.db` });
    expect(sha256(app.at(`${id}.db`))).toBe(expected);
    expectConsistent(app.at(`${id}.db`));
  }
  expect((await app.verify('busy', { readData: true })).backups.every(({ ok }) => ok)).toBe(true);
  // The newest two verified backups, with their chains, are held.
  const held = (await app.list('busy')).slice(0, 2).map((each) => each.held);
  expect(held).toEqual([true, true]);
});
