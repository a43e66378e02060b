import { manifestKey, type Manifest } from '../format/manifest.ts';
import { countPages } from '../format/pages.ts';
import type { BackupDocument } from '../documents/backup.ts';
import type { Listing } from './listing.ts';
import { faultsIn, isFuture } from './soundness.ts';

/**
 * Whether a backup counts as existing: neither damaged nor from the future at this moment.
 * Summaries of older versions have no faults.
 */
export function countsAt(
  { fault, takenAt }: Pick<BackupDocument, 'takenAt'> & Partial<Pick<BackupDocument, 'fault'>>,
  now: Date,
): boolean {
  return fault?.level !== 'damaged' && !isFuture(takenAt, now);
}

/** The document of a backup for people and scripts. */
export function backupDocument(
  manifest: Manifest,
  listing: Listing,
  faults = faultsIn(listing),
): BackupDocument {
  const object = listing.objects.get(manifestKey(manifest.database, manifest.id));
  return {
    id: manifest.id,
    database: manifest.database,
    kind: manifest.kind,
    parent: manifest.parent,
    verdict: manifest.inspection.verdict,
    pages: {
      size: manifest.pageSize,
      count: manifest.pageCount,
      stored: manifest.pages ? countPages(manifest.pages) : manifest.pageCount,
    },
    size: manifest.size,
    sha256: manifest.sha256,
    storedBytes: manifest.objects.reduce((sum, { size }) => sum + size, 0),
    checks: manifest.inspection.checks as BackupDocument['checks'],
    expires: object?.expires?.toISOString() ?? manifest.expires,
    takenAt: manifest.takenAt,
    held: object?.held ?? false,
    salvage: manifest.salvage,
    reason: manifest.reason,
    fault: faults.get(manifest.id) ?? null,
  };
}
