import { join } from 'node:path';
import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import type { TableRows } from '../sqlite/row-diff/row-diff-types.ts';
import type { Manifest } from '../format/manifest.ts';
import type { Progress } from '../lib/progress.ts';
import { diffRows } from '../sqlite/row-diff/row-diff.ts';
import { withWorkspace } from '../sqlite/workspace.ts';
import { materialise } from './materialise.ts';
import { requireSpace } from './space.ts';

export type RowChangeOptions = {
  /** The only table to compare. */
  readonly table?: string | undefined;
  /** How many rows of each table to show. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Progress | undefined;
};

/**
 * Restores two backups of a database into a private temporary folder, compares their rows there, and
 * removes the folder.
 */
export async function changedRows(
  context: Context,
  listing: Listing,
  [from, to]: readonly [from: Manifest, to: Manifest],
  { table, limit, signal, onProgress }: RowChangeOptions,
): Promise<TableRows[]> {
  const both = { database: to.database, size: from.size + to.size, what: 'restoring two backups' };
  await requireSpace(context, both, {
    folder: context.temporary,
    hint: 'Free some space there, or name another folder in TMPDIR.',
  });
  return withWorkspace(context.temporary, async (directory) => {
    const paths = [from, to].map((_, at) => join(directory, `${at}.sqlite3`)) as [string, string];
    for (const [at, manifest] of [from, to].entries())
      await materialise(context, context.catalog.chain(listing, manifest), paths[at] ?? '', {
        signal,
        onProgress,
        by: 'restore',
      });
    return diffRows(...paths, { table, limit, signal });
  });
}
