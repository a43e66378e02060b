import type { Manifest } from '../format/manifest.ts';
import { chainOf, verified } from './chain.ts';
import type { Listing } from './listing.ts';

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
 * The newest verified backup whose whole chain the store lists as its manifests describe it.
 * `damagedId` is a backup known to be damaged: it, and every backup based on it, does not count.
 */
export function lastIntactBackup(
  { manifests, objects }: Pick<Listing, 'manifests' | 'objects'>,
  damagedId?: string,
): Manifest | undefined {
  return verified(manifests).findLast((backup) =>
    chainOf(manifests, backup)?.every(
      (each) => each.id !== damagedId && missingOrChanged(objects, each).length === 0,
    ),
  );
}
