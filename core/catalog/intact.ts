import type { Manifest } from '../format/manifest.ts';
import { chainOf, verified } from './chain.ts';
import { countedOf, type Judged } from './soundness.ts';

type ListedObjects = ReadonlyMap<
  string,
  { readonly size: number; readonly crc32c?: string | undefined }
>;

/** How the objects of a manifest differ from those that the store lists. Nothing is read. */
export function missingOrChanged(objects: ListedObjects, manifest: Manifest): string[] {
  return manifest.objects.flatMap(({ key, size, crc32c }) => {
    const listing = objects.get(key);
    if (!listing) return [`${key} is missing`];
    if (listing.size !== size) return [`${key} has ${listing.size} bytes instead of ${size}`];
    return (listing.crc32c ?? crc32c) === crc32c
      ? []
      : [`${key} has the CRC32C ${listing.crc32c} instead of ${crc32c}`];
  });
}

/**
 * The newest verified backup that counts: not damaged as far as the store and the record of damage
 * show, and not from the future. `damagedId` is a further backup known to be damaged: it, and every
 * backup based on it, does not count.
 */
export function lastIntactBackup(listing: Judged, damagedId?: string): Manifest | undefined {
  return verified(countedOf(listing)).findLast((backup) =>
    chainOf(listing.manifests, backup)?.every(({ id }) => id !== damagedId),
  );
}
