import { join } from 'node:path';
import type { Context } from '../context.ts';
import { queryFile, type QueryResult } from '../sqlite/query.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import { chooseBackup } from './choose.ts';
import { fromAnyStore } from './fallback.ts';
import { materialise } from './materialise.ts';
import { requireSpace } from './space.ts';

/** The result, and the backup that gave it. */
export type BackupQuery = QueryResult & { backup: { id: string; takenAt: string } };

export type QueryOptions = {
  /** `latest`, an id, or a time. */
  readonly at: string;
  readonly sql: string;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Restores a backup into a private temporary folder, runs one statement there that only reads, and
 * removes the folder.
 */
export function query(
  context: Context,
  database: string,
  { at, sql, signal }: QueryOptions,
): Promise<BackupQuery> {
  return fromAnyStore(context, `reading ${database}`, async (from) => {
    const listing = await from.catalog.list(database);
    const backup = await chooseBackup(from, listing, { database, at, salvage: false });
    const chain = from.catalog.chain(listing, backup);
    await requireSpace(from, backup, {
      folder: from.temporary,
      hint: 'Free some space there, or name another folder in TMPDIR.',
    });
    return withWorkspace(from.temporary, async (directory) => {
      const path = join(directory, 'query.sqlite3');
      await materialise(from, chain, path, { signal, by: 'restore' });
      const result = await queryFile(path, sql, signal);
      return { ...result, backup: { id: backup.id, takenAt: backup.takenAt } };
    });
  });
}
