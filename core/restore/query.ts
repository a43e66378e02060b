import { join } from 'node:path';
import { queryFile } from '../sqlite/query.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import type { Context } from '../context.ts';
import { materialise } from './materialise.ts';
import { selectBackup } from '../catalog/select.ts';
import { fromAnyStore } from './fallback.ts';

/**
 * Restores a backup into a private temporary folder, runs one statement there, and removes it
 * again.
 */
export function query(
  context: Context,
  database: string,
  at: string,
  sql: string,
  signal?: AbortSignal,
) {
  return fromAnyStore(context, `reading ${database}`, (from) =>
    queryFrom(from, database, at, sql, signal),
  );
}

async function queryFrom(
  context: Context,
  database: string,
  at: string,
  sql: string,
  signal?: AbortSignal,
) {
  const listing = await context.catalog.list(database);
  const chain = context.catalog.chain(listing, selectBackup(listing, database, at, false));
  return withWorkspace(context.temporary, async (directory) => {
    const path = join(directory, 'query.sqlite3');
    await materialise(context, chain, path, { signal });
    return queryFile(path, sql);
  });
}
