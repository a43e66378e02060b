import type { Manifest } from '../format/manifest.ts';

export const MAX_DEPTH = 32;
export type ParentRequest = {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly now: Date;
  readonly fullEveryMs: number;
  readonly pageSize: number;
  readonly recipients: readonly string[];
  readonly keyed: boolean;
  /** The backup takes a weekly or longer slot. */
  readonly longSlot: boolean;
};

/**
 * Newest last; "newest" goes by snapshot time, so a late delivery of an old request does not become
 * it. Salvage copies are never in it.
 */
export function verified(catalog: readonly Manifest[]): Manifest[] {
  return catalog
    .filter(({ salvage, inspection }) => !salvage && inspection.verdict !== 'failed')
    .sort(byTime);
}

/** From the base to this backup; `undefined` when an ancestor is missing. */
export function chainOf(catalog: readonly Manifest[], backup: Manifest): Manifest[] | undefined {
  const byId = new Map(catalog.map((each) => [each.id, each]));
  const chain = [backup];
  for (let at = backup; at.parent !== null;) {
    const parent = byId.get(at.parent);
    // A parent deeper than its child would be a circle that somebody planted.
    if (!parent || parent.depth >= at.depth || parent.chain.salt !== backup.chain.salt)
      return undefined;
    chain.unshift(parent);
    at = parent;
  }
  return chain;
}

/** The backup that the next one differs from; `undefined` when it must be full. */
export function chooseParent(
  catalog: readonly Manifest[],
  request: ParentRequest,
): Manifest | undefined {
  if (request.kind === 'full' || (request.kind === 'auto' && request.longSlot)) return undefined;
  if (request.recipients.length > 0 && !request.keyed) return undefined;
  const newest = verified(catalog).at(-1);
  const chain = newest && chainOf(catalog, newest);
  const base = chain?.[0];
  if (
    !newest ||
    !base ||
    !chain.every(({ objects }) => objects.some(({ role }) => role === 'data'))
  )
    return undefined;
  if (request.now.getTime() - Date.parse(base.takenAt) >= request.fullEveryMs) return undefined;
  const parent = newest.depth >= MAX_DEPTH ? base : newest;
  const same =
    JSON.stringify([...(parent.encryption?.recipients ?? [])].sort()) ===
    JSON.stringify([...request.recipients].sort());
  if (!same || parent.chain.keyed !== request.keyed || parent.pageSize !== request.pageSize)
    return undefined;
  return parent.objects.some(({ role }) => role === 'fingerprints') ? parent : undefined;
}

function byTime(a: Manifest, b: Manifest): number {
  return a.takenAt < b.takenAt ? -1 : a.takenAt > b.takenAt ? 1 : a.id < b.id ? -1 : 1;
}
