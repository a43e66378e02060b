import type { Context } from '../context.ts';
import { getObject } from '../catalog/objects.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import { FINGERPRINT_SIZE, fingerprintingOf } from '../format/pages.ts';
import { createByteReader, type ByteReader } from '../lib/bytes/byte-reader.ts';
import { toLifeboatError } from '../lib/errors.ts';
import { storedLayer, storedRuns } from '../restore/stored-layer.ts';
import { storedPrints, type PrintCrew } from './stored-prints.ts';

export type PageProof = {
  readonly manifest: Manifest;
  /** The backup that an increment differs from. */
  readonly parent: Manifest | undefined;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
};

const BLOCK_PAGES = 4096;
/** What another look with the whole chain decides. */
const UNDECIDED = new Set(['backup_damaged', 'not_found', 'key_missing', 'key_wrong']);

/**
 * Whether the pages of a backup are those of its snapshot, given that its parent's are: each stored
 * page has the fingerprint that was recorded for it, and each other page has the one that was
 * recorded for it in the parent. Reads each object once, to its end. False proves nothing, and so
 * do missing fingerprints (docs/decisions/verify.md).
 */
export async function provePages(
  context: Context,
  crew: PrintCrew,
  proof: PageProof,
): Promise<boolean> {
  const { manifest, parent, signal } = proof;
  const prints = printsOf(manifest);
  const before = parent && printsOf(parent);
  if (!prints || (manifest.parent !== null && !(before && isSameChain(manifest, parent))))
    return false;
  const { store } = context;
  await using own = createByteReader(getObject(store, prints));
  await using inherited = before && createByteReader(getObject(store, before));
  await using stored = createByteReader(pagePrints(context, crew, proof));
  try {
    const areEqual = await comparePages(manifest, own, { stored, inherited });
    // Only at its end is an object known to be what was stored.
    if (areEqual) for (const each of [own, inherited, stored]) await each?.finish();
    return areEqual;
  } catch (error) {
    signal?.throwIfAborted();
    if (!UNDECIDED.has(toLifeboatError(error).code)) throw error;
    return false;
  }
}

async function comparePages(
  manifest: Manifest,
  own: ByteReader,
  { stored, inherited }: { stored: ByteReader; inherited: ByteReader | undefined },
): Promise<boolean> {
  let page = 1;
  for (const [first, count] of storedRuns(manifest)) {
    if (!(await areSame(own, inherited, first - page))) return false;
    if (!(await areSame(own, stored, count))) return false;
    await inherited?.skip(count * FINGERPRINT_SIZE);
    page = first + count;
  }
  return areSame(own, inherited, manifest.pageCount + 1 - page);
}

/** Whether the next fingerprints of so many pages are the same in both. */
async function areSame(a: ByteReader, b: ByteReader | undefined, pages: number): Promise<boolean> {
  for (let rest = pages; rest > 0; rest -= BLOCK_PAGES) {
    const bytes = Math.min(rest, BLOCK_PAGES) * FINGERPRINT_SIZE;
    const [one, other] = [await a.take(bytes), await b?.take(bytes)];
    if (one.length < bytes || !other || !one.equals(other)) return false;
  }
  return true;
}

function pagePrints(
  context: Context,
  crew: PrintCrew,
  { manifest, onBytes, signal }: PageProof,
): AsyncIterable<Uint8Array> {
  const { pageSize, chain } = manifest;
  const { runs, body } = storedLayer(context, manifest);
  const counted = async function* () {
    const fingerprinting = fingerprintingOf(chain, pageSize, context.keys.key);
    for await (const prints of storedPrints(crew, body(), { runs, fingerprinting })) {
      signal?.throwIfAborted();
      onBytes((prints.length / FINGERPRINT_SIZE) * pageSize);
      yield prints;
    }
  };
  return counted();
}

function printsOf({ objects, pageCount }: Manifest): ManifestObject | undefined {
  const object = objects.find(({ role }) => role === 'fingerprints');
  return object?.size === pageCount * FINGERPRINT_SIZE ? object : undefined;
}

/** The fingerprints of an unchanged page are equal only if they were made in one way. */
function isSameChain(child: Manifest, parent: Manifest | undefined): boolean {
  return (
    child.parent === parent?.id &&
    child.pageSize === parent?.pageSize &&
    child.chain.salt === parent.chain.salt &&
    child.chain.keyed === parent.chain.keyed &&
    child.chain.numbered === parent.chain.numbered
  );
}
