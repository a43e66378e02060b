import { BACKUP, type testApp } from './app.ts';
import { sql, SMALL } from './databases.ts';
import type { BackupDocument } from '../../core/documents/backup.ts';

/** A full backup and three increments of `notes.db`: a change, growth, and a vacuum that shortens the file. */
export async function makeChain(
  app: Awaited<ReturnType<typeof testApp>>,
  name = 'notes.db',
): Promise<BackupDocument[]> {
  sql(app.at(name), SMALL);
  const made = [await app.backup(name, BACKUP)];
  const changes = [
    "update notes set body = 'changed' where id = 200",
    "insert into notes (body) select body || 'again' from notes",
    'delete from notes where id > 380; vacuum',
  ];
  for (const change of changes) {
    sql(app.at(name), change);
    // The last change takes more than half of the rows on purpose.
    made.push(await app.backup(name, { ...BACKUP, kind: 'incremental', accept: true }));
  }
  return made;
}
