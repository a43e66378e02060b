import type { Copy } from '../catalog/catalog.ts';
import type { Listing } from '../catalog/listing.ts';
import { faultsIn } from '../catalog/soundness.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Finding } from '../documents/finding.ts';
import { okFinding, counted } from './finding.ts';

/** What a copy of the store has of one database. */
export type CopyFacts = {
  readonly name: string;
  readonly url: string;
  /** How many backups of the store the copy lacks, or why the copy cannot be read. */
  readonly missing: number | { readonly error: string };
  /** A backup is running, which brings the copy up to date when it ends. */
  readonly busy: boolean;
};

/** Compares each copy with the store. */
export async function watchCopies(
  copies: readonly Copy[],
  { name, listing, busy }: { name: string; listing: Listing; busy: boolean },
): Promise<Finding<'copies'>[]> {
  const findings: Finding<'copies'>[] = [];
  for (const copy of copies) {
    const missing = await countMissing(copy, name, listing);
    findings.push(judgeCopy({ name, url: copy.store.url, missing, busy }));
  }
  return findings;
}

export function judgeCopy({ name, url, missing, busy }: CopyFacts): Finding<'copies'> {
  const fault = {
    check: 'copies',
    about: url,
    level: 'fault',
    hint: `Check that ${url} is reachable and has free space; the next \`lifeboat backup ${name}\` copies the missing backups.`,
  } as const;
  if (typeof missing !== 'number')
    return { ...fault, detail: `the copy in ${url} cannot be read: ${missing.error}` };
  if (missing === 0) return okFinding('copies', `${url} has every backup`, url);
  if (busy) return okFinding('copies', `${url} is being updated`, url);
  return { ...fault, detail: `the copy in ${url} lacks ${counted(missing, 'backup')}` };
}

async function countMissing(
  { catalog }: Copy,
  name: string,
  listing: Listing,
): Promise<CopyFacts['missing']> {
  try {
    const { manifests } = await catalog.list(name);
    const copied = new Set(manifests.map(({ id }) => id));
    // A damaged backup and its increments are not copied.
    const faults = faultsIn(listing);
    return listing.manifests.filter(({ id }) => !copied.has(id) && !faults.has(id)).length;
  } catch (error) {
    return { error: toLifeboatError(error).message };
  }
}
