import type { Manifest } from '../format/manifest.ts';
import type { Log } from '../lib/log/log.ts';
import type { Store } from '../store/store.ts';
import type { Catalog } from './catalog.ts';
import { backupDocument } from './document.ts';
import type { BackupDocument } from '../documents/backup.ts';
import { inOrder } from './chain.ts';
import type { Listing } from './listing.ts';
import { faultsIn } from './soundness.ts';

type Reader = { readonly catalog: Catalog; readonly log: Log };

/** The names of the databases that the store holds something of. */
export async function storedDatabases({ store }: { readonly store: Store }): Promise<string[]> {
  const names = new Set<string>();
  for await (const { key } of store.list('databases/')) names.add(key.split('/')[1] ?? '');
  return [...names].sort();
}

/**
 * Everything of one database, salvage copies too: as documents, newest first, and as they are
 * stored. Lists the catalog unless a listing is given.
 */
export async function listBackups(
  { catalog, log }: Reader,
  database: string,
  current?: Listing,
): Promise<{ documents: BackupDocument[]; manifests: readonly Manifest[] }> {
  const listing = current ?? (await catalog.list(database));
  for (const { id, error } of listing.damaged)
    log('WARNING', `${database}/${id} cannot be read: ${error.message}`, {
      event: 'unreadable',
      database,
      backup: id,
      code: error.code,
    });
  const faults = faultsIn(listing);
  const documents = inOrder(listing.manifests).map((each) => backupDocument(each, listing, faults));
  return { documents: documents.reverse(), manifests: listing.manifests };
}

/** Backups, newest first; salvage copies only with `all`. */
export async function list(
  reader: Reader,
  databases: readonly string[],
  all: boolean,
): Promise<BackupDocument[]> {
  const backups: BackupDocument[] = [];
  for (const name of databases) backups.push(...(await listBackups(reader, name)).documents);
  const selection = backups.filter(({ salvage }) => all || !salvage);
  return databases.length > 1 ? selection.sort(newestFirst) : selection;
}

function newestFirst(a: BackupDocument, b: BackupDocument): number {
  return a.takenAt < b.takenAt ? 1 : a.takenAt > b.takenAt ? -1 : a.id < b.id ? 1 : -1;
}
