import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { notJudged, serveChild } from './child.ts';

serveChild(merge, notJudged);

/** Opening rolls a hot journal back; closing the last connection after a checkpoint ends the `-wal`. */
async function merge({ path }: { path: string }): Promise<void> {
  const db = new DatabaseSync(path, { allowExtension: false, defensive: true });
  try {
    db.exec('pragma trusted_schema = off; select 1 from sqlite_schema limit 1');
    db.exec('pragma wal_checkpoint(truncate)');
  } finally {
    db.close();
  }
  if (existsSync(`${path}-wal`)) throw new Error('the -wal could not be merged');
}
