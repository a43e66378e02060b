import type { Manifest } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { DAMAGED_CHAIN_HINT } from '../format/frames.ts';

/** Throws `backup_damaged` unless the digest, in hex, is that of the backup's snapshot. */
export function refuseOtherDigest({ id, sha256 }: Manifest, digest: string): void {
  if (digest === sha256) return;
  throw new LifeboatError(
    'backup_damaged',
    `the restored file of ${id} has a different SHA-256 than the snapshot`,
    DAMAGED_CHAIN_HINT,
  );
}

/** The backup that a chain leads to. */
export function lastOf(chain: readonly Manifest[]): Manifest {
  const last = chain.at(-1);
  if (!last)
    throw new LifeboatError(
      'internal',
      'an empty chain',
      'This is a bug in Lifeboat. Please report it.',
    );
  return last;
}
