import { MAX_SEQUENCE, type Manifest } from '../format/manifest.ts';
import { DAY_MS, MINUTE_MS } from '../lib/text/time.ts';

export const MAX_DEPTH = 32;
const LONGEST_RUN_MS = DAY_MS;

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

/** The backups that passed their inspection, newest last. Salvage copies are never in it. */
export function verified(catalog: readonly Manifest[]): Manifest[] {
  const backups = catalog.filter(
    ({ salvage, inspection }) => !salvage && inspection.verdict !== 'failed',
  );
  return inOrder(backups);
}

/**
 * Newest last, by snapshot time, so a late delivery of an old request does not become the newest.
 * The order of commits corrects a clock that was wrong: no backup is more than a day newer than one
 * that was committed after it, because no run takes longer.
 */
export function inOrder(backups: readonly Manifest[]): Manifest[] {
  const committed = [...backups].sort((a, b) => sequenceOf(a) - sequenceOf(b) || byTime(a, b));
  const times = new Map<Manifest, number>();
  let limit = Infinity;
  for (const backup of committed.toReversed()) {
    const own = Date.parse(backup.takenAt);
    times.set(backup, Math.min(own, limit));
    limit = Math.min(limit, own + LONGEST_RUN_MS);
  }
  // A stable sort: of two with one time, the one that was committed last is the newest.
  return committed.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0));
}

/**
 * The sequence of the next backup: larger than every one in the catalog, and not below the minutes
 * since 1970. So it does not start again at 1 when older manifests cannot be read for a while.
 */
export function nextSequence(catalog: readonly Manifest[], now: Date): number {
  const largest = catalog.reduce((most, each) => Math.max(most, sequenceOf(each)), 0);
  return Math.min(MAX_SEQUENCE, Math.max(largest + 1, minutes(now.getTime())));
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
  if (!same || !hasComparablePrints(parent, request)) return undefined;
  return parent.objects.some(({ role }) => role === 'fingerprints') ? parent : undefined;
}

/**
 * Whether fingerprints that this version makes compare with those of the parent. The HMACs of older
 * versions lack the number of the page.
 */
function hasComparablePrints({ chain, pageSize }: Manifest, request: ParentRequest): boolean {
  const isNumbered = chain.numbered ?? false;
  return (
    chain.keyed === request.keyed && isNumbered === request.keyed && pageSize === request.pageSize
  );
}

/** Backups of versions that did not number them count by their time. */
export function sequenceOf({ sequence, takenAt }: Pick<Manifest, 'sequence' | 'takenAt'>): number {
  return sequence ?? minutes(Date.parse(takenAt));
}

function minutes(ms: number): number {
  return Math.max(1, Math.floor(ms / MINUTE_MS));
}

function byTime(a: Manifest, b: Manifest): number {
  return a.takenAt < b.takenAt ? -1 : a.takenAt > b.takenAt ? 1 : a.id < b.id ? -1 : 1;
}
