import type { BackupDocument } from '../app/app.ts';
import type { Manifest } from '../format/manifest.ts';
import { NAME } from '../config/database.ts';
import type { Context } from '../context.ts';
import { backupDocument } from './document.ts';

/** The names of the databases that the store holds something of. */
export const storedDatabases = async ({ store }: Context): Promise<string[]> => {
  const names = new Set<string>();
  for await (const { key } of store.list('databases/')) names.add(key.split('/')[1] ?? '');
  return [...names].sort();
};

/** The names of the databases that have a summary: by a single request, since there is one object for each. */
export const summarisedDatabases = async ({ store }: Context): Promise<string[]> => {
  const names: string[] = [];
  for await (const { key } of store.list('state/')) {
    const name = /^state\/(.+)\.json$/.exec(key)?.[1];
    if (name !== undefined && NAME.test(name)) names.push(name);
  }
  return names;
};

const newestFirst = (a: BackupDocument, b: BackupDocument): number =>
  a.takenAt < b.takenAt ? 1 : a.takenAt > b.takenAt ? -1 : a.id < b.id ? 1 : -1;

/** Everything of one database, salvage copies too: as documents, newest first, and as they are stored. */
export const listBackups = async (
  { catalog, log }: Context,
  database: string,
): Promise<{ documents: BackupDocument[]; manifests: readonly Manifest[] }> => {
  const listing = await catalog.list(database);
  for (const { id, error } of listing.damaged)
    log('WARNING', `${database}/${id} cannot be read: ${error.message}`, {
      event: 'unreadable',
      database,
      backup: id,
      code: error.code,
    });
  const documents = listing.manifests.map((manifest) => backupDocument(manifest, listing));
  return { documents: documents.sort(newestFirst), manifests: listing.manifests };
};

/** Backups, newest first; salvage copies only with `all`. */
export const list = async (
  context: Context,
  databases: readonly string[],
  all: boolean,
): Promise<BackupDocument[]> => {
  const found: BackupDocument[] = [];
  for (const name of databases) found.push(...(await listBackups(context, name)).documents);
  return found.filter(({ salvage }) => all || !salvage).sort(newestFirst);
};
