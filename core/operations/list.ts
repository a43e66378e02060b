import type { BackupDocument } from '../app-types.ts';
import type { Context } from './context.ts';
import { backupDocument } from './documents.ts';

/** The names of the databases that the store holds something of. */
export const storedDatabases = async ({ store }: Context): Promise<string[]> => {
  const names = new Set<string>();
  for await (const { key } of store.list('databases/')) names.add(key.split('/')[1] ?? '');
  return [...names].sort();
};

/** Backups, newest first; salvage copies only with `all`. */
export const list = async (context: Context, databases: readonly string[], all: boolean): Promise<BackupDocument[]> => {
  const documents: BackupDocument[] = [];
  for (const name of databases) {
    const listing = await context.catalog.list(name);
    for (const { id, error } of listing.damaged)
      context.log('WARNING', `${name}/${id} cannot be read: ${error.message}`, {
        event: 'unreadable',
        database: name,
        backup: id,
        code: error.code,
      });
    documents.push(...listing.manifests.filter(({ salvage }) => all || !salvage).map((manifest) => backupDocument(manifest, listing)));
  }
  return documents.sort((a, b) => (a.takenAt < b.takenAt ? 1 : a.takenAt > b.takenAt ? -1 : a.id < b.id ? 1 : -1));
};
