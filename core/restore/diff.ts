import { verified } from '../catalog/chain.ts';
import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import type { ComparedBackup, DiffDocument } from '../documents/diff.ts';
import type { Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { chooseBackup } from './choose.ts';
import { fromAnyStore } from './fallback.ts';
import { changedRows, type RowChangeOptions } from './row-changes.ts';

export type DiffOptions = {
  /** The older backup, a canonical `--at`; the one before `to` when absent. */
  readonly from: string | undefined;
  readonly to: string;
  /** Restores both and compares their rows; only the manifests when absent. */
  readonly rows?: RowChangeOptions | undefined;
};

/** Compares two backups by their manifests, and their rows if asked. Throws `not_found`. */
export function diff(
  context: Context,
  database: string,
  { from, to, rows }: DiffOptions,
): Promise<DiffDocument> {
  return fromAnyStore(context, `comparing backups of ${database}`, async (store) => {
    const listing = await store.catalog.list(database);
    const choose = (at: string) => chooseBackup(store, listing, { database, at, salvage: false });
    const newer = await choose(to);
    const older = from === undefined ? backupBefore(listing, newer) : await choose(from);
    const document = compareManifests(older, newer);
    if (!rows) return document;
    return { ...document, rows: await changedRows(store, listing, [older, newer], rows) };
  });
}

/** What changed from one backup of a database to another. */
export function compareManifests(from: Manifest, to: Manifest): DiffDocument {
  const [before, after] = [from.inspection, to.inspection];
  return {
    database: to.database,
    from: comparedBackup(from),
    to: comparedBackup(to),
    schemaChanged:
      before.schema === null || after.schema === null ? null : before.schema !== after.schema,
    tables: changesOf(
      new Map(Object.entries(before.tables)),
      new Map(Object.entries(after.tables)),
    ).map(([name, ...counts]) => ({ name, from: counts[0], to: counts[1] })),
    migrations: changesOf(
      headByFramework(before.migrations),
      headByFramework(after.migrations),
    ).map(([framework, ...heads]) => ({ framework, from: heads[0], to: heads[1] })),
  };
}

function backupBefore(listing: Listing, { id, database }: Manifest): Manifest {
  const backups = verified(listing.manifests);
  const before = backups[backups.findIndex((each) => each.id === id) - 1];
  if (before) return before;
  throw new LifeboatError(
    'not_found',
    `there is no backup of ${database} before ${id}`,
    `Name two backups: \`lifeboat list ${database}\` shows them.`,
  );
}

function comparedBackup({ id, takenAt, size }: Manifest): ComparedBackup {
  return { id, takenAt, size };
}

function headByFramework(
  migrations: Manifest['inspection']['migrations'],
): Map<string, string | null> {
  return new Map(migrations.map(({ framework, head }) => [framework, head]));
}

/** Names whose value differs, in order, with both values; null where there is none. */
function changesOf<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): [name: string, before: T | null, after: T | null][] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((name): [string, T | null, T | null] => [
      name,
      before.get(name) ?? null,
      after.get(name) ?? null,
    ])
    .filter(([, old, current]) => old !== current);
}
