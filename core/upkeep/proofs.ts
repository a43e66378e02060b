import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import type { Progress } from '../lib/progress.ts';
import { readWhole } from './examine.ts';
import { provePages } from './page-proof.ts';
import { createPrintCrew } from './stored-prints.ts';

type ProofOptions = {
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Proves the pages of backups while their objects are read. The caller disposes of it. */
export function createProofs(
  context: Context,
  listing: Listing,
  { onProgress, signal }: ProofOptions,
) {
  const proven = new Set<string>();
  const crew = createPrintCrew();

  const prove = async (manifest: Manifest): Promise<void> => {
    const parent = listing.manifests.find(({ id }) => id === manifest.parent);
    let count = 0;
    const onBytes = (bytes: number) => onProgress?.('verify', (count += bytes), manifest.size);
    if (await provePages(context, crew, { manifest, parent, onBytes, signal }))
      proven.add(manifest.id);
  };
  return {
    /**
     * Reads an object of a backup to its end; throws when it is not what was stored. A proof has
     * read all objects of its backup.
     */
    read: async (manifest: Manifest, object: ManifestObject): Promise<void> => {
      if (object.role === 'data') await prove(manifest);
      if (!proven.has(manifest.id)) await readWhole(context, object);
    },
    /** Whether a restore of the chain's last backup gives its snapshot. */
    covers: (chain: readonly Manifest[]): boolean => chain.every(({ id }) => proven.has(id)),
    [Symbol.asyncDispose]: () => crew[Symbol.asyncDispose](),
  };
}
