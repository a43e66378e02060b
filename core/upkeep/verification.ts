import { chainOf } from '../catalog/chain.ts';
import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Progress } from '../lib/progress.ts';
import { readSnapshot } from '../restore/read-snapshot.ts';
import type { Examination } from '../state/damage.ts';
import { damageText, examine } from './examine.ts';
import { createProofs } from './proofs.ts';

export type VerificationOptions = {
  /** Whether to decode every page. */
  readonly readData: boolean;
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Looks at each backup once, although it may be the ancestor of many. The caller disposes of it.
 */
export function createVerification(
  context: Context,
  listing: Listing,
  options: VerificationOptions,
) {
  const compared = new Map<string, Examination>();
  const decodings: Examination[] = [];
  const proofs = createProofs(context, listing, options);

  const compare = async (manifest: Manifest): Promise<Examination> => {
    const before = compared.get(manifest.id);
    if (before) return before;
    const readObject = (object: ManifestObject) => proofs.read(manifest, object);
    const examination = await examine(
      context,
      listing,
      manifest,
      options.readData ? readObject : undefined,
    );
    compared.set(manifest.id, examination);
    return examination;
  };

  /**
   * A backup that failed to decode earlier is decoded again: neither checksums nor fingerprints can
   * clear it.
   */
  const decode = async (chain: readonly Manifest[], backup: Manifest): Promise<string[]> => {
    const before = listing.damage.get(backup.id);
    if (!options.readData && before?.decoded !== true) return [];
    if (before?.decoded !== true && proofs.covers(chain)) {
      decodings.push({ id: backup.id, problems: [], restores: false, decoded: true });
      return [];
    }
    const examination = await decoding(context, chain, options).catch((error: unknown) => {
      if (options.readData || !toLifeboatError(error).code.startsWith('key_')) throw error;
      // Without the identity it stays as it was found.
      return { id: backup.id, problems: before?.problems ?? [], restores: false, decoded: true };
    });
    decodings.push(examination);
    return [...examination.problems];
  };

  return {
    problemsOf: async (backup: Manifest): Promise<string[]> => {
      const chain = chainOf(listing.manifests, backup);
      const problems = [...(await compare(backup)).problems];
      if (!chain) return [...problems, ancestorText(backup)];
      for (const ancestor of chain.slice(0, -1)) {
        const { restores, problems: ofAncestor } = await compare(ancestor);
        if (!restores) problems.push(`it is based on ${ancestor.id}: ${ofAncestor.join('; ')}`);
      }
      return [...problems, ...(await decode(chain, backup))];
    },
    examinations: (): Examination[] => combine(compared, decodings),
    [Symbol.asyncDispose]: proofs[Symbol.asyncDispose],
  };
}

/** Decoding says more than comparing, but a wrong checksum is the simpler reason. */
function combine(
  compared: ReadonlyMap<string, Examination>,
  decodings: readonly Examination[],
): Examination[] {
  const all = new Map(compared);
  for (const each of decodings) {
    const { problems = [], restores = true } = all.get(each.id) ?? {};
    if (each.problems.length > 0 ? restores : problems.length === 0) all.set(each.id, each);
  }
  return [...all.values()];
}

/**
 * Decodes every page and keeps none: shows whether a restore would produce the snapshot. A problem
 * is about the backup of the chain whose data is damaged.
 */
async function decoding(
  context: Context,
  chain: readonly Manifest[],
  { onProgress, signal }: VerificationOptions,
): Promise<Examination> {
  const last = chain.at(-1);
  const result = { id: last?.id ?? '', restores: false, decoded: true };
  let count = 0;
  try {
    for await (const piece of readSnapshot(context, chain, signal))
      onProgress?.('verify', (count += piece.length), last?.size ?? 0);
    return { ...result, problems: [] };
  } catch (error) {
    signal?.throwIfAborted();
    const problems = [damageText(error)];
    const { backup: id = result.id } = toLifeboatError(error).facts;
    return { ...result, id: String(id), problems };
  }
}

function ancestorText({ database, id }: Manifest): string {
  return `an ancestor of ${database}/${id} is missing or damaged`;
}
