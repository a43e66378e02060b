import type { Manifest } from '../format/manifest.ts';
import type { Context } from '../context.ts';
import { listBackups } from '../catalog/list.ts';
import { countsAt } from '../catalog/document.ts';
import type { Listing } from '../catalog/listing.ts';
import type { BackupDocument } from '../documents/backup.ts';

const MOST_SUMMARISED = 400;
const MOST_TABLES = 12;

/**
 * Rows by table, in columns: the names of the tables once, and for each backup the counts in the
 * same order; null when the backup has no such table.
 */
export type Rows = {
  readonly tables: readonly string[];
  readonly counts: Readonly<Record<string, readonly (number | null)[]>>;
};
/** A manifest as people see it, without its runs of pages: there may be thousands. */
export type ShownManifest = Omit<Manifest, 'pages'>;

/** The part of the summary that comes from the catalog. */
export type Catalogued = {
  /** Newest first, without salvage copies. */
  backups: BackupDocument[];
  salvage: number;
  /** Only of the largest tables in the newest backup: for 400 backups that takes 40 KB. */
  rows: Rows;
  newest: ShownManifest | null;
};

export async function catalogued(
  context: Context,
  database: string,
  listing?: Listing,
): Promise<Catalogued> {
  const { documents, manifests } = await listBackups(context, database, listing);
  const backups = documents.filter(({ salvage }) => !salvage).slice(0, MOST_SUMMARISED);
  const shownIds = new Set(backups.map(({ id }) => id));
  const counted = backups.find((each) => countsAt(each, context.now()));
  const newest = manifests.find(({ id }) => id === counted?.id);
  const tables = newest ? largest(newest) : [];
  const counts = manifests
    .filter(({ id }) => shownIds.has(id))
    .map((manifest) => [manifest.id, countsOf(tables, manifest)] as const);
  const { pages: _, ...shown } = newest ?? { pages: null };
  return {
    backups,
    salvage: documents.filter(({ salvage }) => salvage).length,
    rows: { tables, counts: Object.fromEntries(tables.length > 0 ? counts : []) },
    newest: newest ? (shown as ShownManifest) : null,
  };
}

/** The rows of one backup by table; empty when the summary does not have them. */
export function tableRowsOf(rows: Rows | undefined, id: string): Record<string, number> {
  const counts = rows && Object.hasOwn(rows.counts, id) ? rows.counts[id] : undefined;
  if (!rows || !counts) return {};
  const pairs = rows.tables.map((table, at) => [table, counts[at]] as const);
  return Object.fromEntries(
    pairs.filter((each): each is readonly [string, number] => typeof each[1] === 'number'),
  );
}

function largest({ inspection }: Manifest): string[] {
  return Object.entries(inspection.tables)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MOST_TABLES)
    .map(([table]) => table);
}

function countsOf(tables: readonly string[], { inspection }: Manifest): (number | null)[] {
  // A map, because a table may be called `constructor`.
  const rows = new Map(Object.entries(inspection.tables));
  return tables.map((table) => rows.get(table) ?? null);
}
