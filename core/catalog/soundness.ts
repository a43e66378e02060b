// Which backups can be relied on. A backup that does not restore, that the store no longer vouches
// for, or whose time lies in the future is not built upon. Pure: it judges one listing.

import type { BackupFault } from '../documents/backup.ts';
import type { Manifest, ManifestObject } from '../format/manifest.ts';
import { ENGLISH, formatTime } from '../lib/text/format.ts';
import { MINUTE_MS } from '../lib/text/time.ts';
import type { StoredObject } from '../store/store.ts';
import { chainOf, verified } from './chain.ts';
import type { Listing } from './listing.ts';
import { heldIds } from './retention.ts';

export type Fault = Readonly<BackupFault>;
type FaultLevel = Fault['level'];

/** What of a listing decides. */
export type Judged = Pick<Listing, 'manifests' | 'damage' | 'at'> & {
  readonly objects: ReadonlyMap<string, Pick<StoredObject, 'size' | 'crc32c'>>;
};

/** Clocks of hosts that are set by NTP differ by less. */
export const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** What is wrong with each backup that is not sound, by id; an increment has its ancestors' faults. */
export function faultsIn(listing: Judged): ReadonlyMap<string, Fault> {
  const byId = new Map(listing.manifests.map((each) => [each.id, each]));
  const origins = new Map<string, Origin>();
  for (const backup of [...listing.manifests].sort((a, b) => a.depth - b.depth)) {
    const [worst] = [
      ...ownFaults(listing, backup).map((fault) => ({ fault, id: backup.id })),
      ...inherited(backup, byId, origins),
    ].sort((a, b) => FAULT_LEVELS.indexOf(a.fault.level) - FAULT_LEVELS.indexOf(b.fault.level));
    if (worst) origins.set(backup.id, worst);
  }
  return new Map([...origins].map(([id, origin]) => [id, inheritedFault(id, origin)]));
}

/** The backups that may carry an increment or keep a slot. */
export function soundOf(listing: Judged): Manifest[] {
  const faults = faultsIn(listing);
  return listing.manifests.filter(({ id }) => !faults.has(id));
}

/** The backups that count as existing: neither damaged nor from the future. */
export function countedOf(listing: Judged): Manifest[] {
  const faults = faultsIn(listing);
  return listing.manifests.filter(({ id }) => isCounted(faults.get(id)));
}

/**
 * The newest backup that people may rely on: one that counts, and preferably one of whose chain no
 * damage is recorded. `damagedId` is a further backup known to be damaged, with all that is based on
 * it.
 */
export function newestReliable(listing: Judged, damagedId?: string): Manifest | undefined {
  const candidates = verified(countedOf(listing)).filter((backup) =>
    chainOf(listing.manifests, backup)?.every(({ id }) => id !== damagedId),
  );
  const hasRecord = (backup: Manifest): boolean =>
    chainOf(listing.manifests, backup)?.some(({ id }) => listing.damage.has(id)) === true;
  return candidates.findLast((backup) => !hasRecord(backup)) ?? candidates.at(-1);
}

/** How the objects of a manifest differ from those that the store lists. Nothing is read. */
export function objectProblems(
  objects: Judged['objects'],
  manifest: Pick<Manifest, 'objects'>,
): string[] {
  return manifest.objects.flatMap((object) => objectMismatch(objects, object) ?? []);
}

export function isCounted(fault: Fault | undefined): boolean {
  return fault === undefined || fault.level === 'suspect';
}

/** The backups whose time lies in the future, by the clock of the listing. */
export function futureOf({ manifests, at }: Pick<Listing, 'manifests' | 'at'>): Manifest[] {
  return manifests.filter(({ takenAt }) => isFuture(takenAt, at));
}

/** A sentence about backups from the future: the first of them, and how many there are besides. */
export function futureText({ id, takenAt, database }: Manifest, others: number): string {
  const time = formatTime(ENGLISH, takenAt, 'UTC');
  const more = others > 0 ? ` (and ${others} more)` : '';
  return `the time of ${database}/${id}${more} lies in the future (${time}), so it does not count as the newest`;
}

/**
 * The backups from which the newest is chosen: those that are not from the future, damaged ones
 * included, because an older one must not take their place unnoticed. When all are from the future,
 * the clock of this machine is the one that is wrong, and none is left out.
 */
export function candidatesOf({ manifests, at }: Pick<Listing, 'manifests' | 'at'>): Manifest[] {
  const past = manifests.filter(({ takenAt }) => !isFuture(takenAt, at));
  return verified(past).length > 0 ? past : [...manifests];
}

/**
 * The backups that carry a hold, and those whose holds stay as they are. Held are the newest two
 * sound ones and the newest two that may restore, with their chains; where none does, the newest
 * two. Backups from the future keep what they have: if this machine's clock is
 * behind, they are the real ones.
 */
export function holdsOf(listing: Judged): { held: Set<string>; untouched: Set<string> } {
  const held = new Set([...heldIds(soundOf(listing)), ...heldIds(countedOf(listing))]);
  if (held.size === 0) for (const id of heldIds(listing.manifests)) held.add(id);
  const chains = futureOf(listing).flatMap((each) => chainOf(listing.manifests, each) ?? [each]);
  return { held, untouched: new Set(chains.map(({ id }) => id)) };
}

export function isFuture(takenAt: string, now: Date): boolean {
  return Date.parse(takenAt) > now.getTime() + CLOCK_TOLERANCE_MS;
}

// The worst first.
const FAULT_LEVELS: readonly FaultLevel[] = ['damaged', 'future', 'suspect'];

/** A fault, and the backup that has it itself. */
type Origin = { readonly fault: Fault; readonly id: string };

function inheritedFault(id: string, { fault, id: origin }: Origin): Fault {
  return id === origin ? fault : { ...fault, reason: `it is based on ${origin}: ${fault.reason}` };
}

/** Of a parent that is not damaged itself, an increment may still be restored. */
function inherited(
  { id, parent, depth, chain }: Manifest,
  byId: ReadonlyMap<string, Manifest>,
  origins: ReadonlyMap<string, Origin>,
): Origin[] {
  if (parent === null) return [];
  const base = byId.get(parent);
  // As in `chainOf`: anything else is a chain that somebody planted.
  if (!base || base.depth >= depth || base.chain.salt !== chain.salt)
    return [{ id, fault: { level: 'damaged', reason: 'an ancestor is missing or damaged' } }];
  const origin = origins.get(parent);
  if (!origin) return [];
  const level = origin.fault.level === 'damaged' ? 'damaged' : 'suspect';
  return [{ ...origin, fault: { ...origin.fault, level } }];
}

function ownFaults(listing: Judged, backup: Manifest): Fault[] {
  const faults = backup.objects.flatMap((object) => objectFault(listing, object) ?? []);
  const record = listing.damage.get(backup.id);
  if (record)
    faults.push({
      level: record.restores ? 'suspect' : 'damaged',
      reason: `${record.by} found it damaged: ${record.problems[0] ?? 'no reason was recorded'}`,
    });
  if (isFuture(backup.takenAt, listing.at)) {
    const time = formatTime(ENGLISH, backup.takenAt, 'UTC');
    faults.push({ level: 'future', reason: `its time, ${time}, lies in the future` });
  }
  return faults;
}

/** A backup with damaged fingerprints restores; only increments need them. */
function objectFault({ objects }: Judged, object: ManifestObject): Fault | undefined {
  const reason = objectMismatch(objects, object);
  if (reason !== undefined)
    return { level: object.role === 'data' ? 'damaged' : 'suspect', reason };
  return objects.get(object.key)?.crc32c === undefined
    ? {
        level: 'suspect',
        reason: `the object ${object.key} was changed or copied by another program`,
      }
    : undefined;
}

/** A checksum that the store no longer knows says nothing. */
function objectMismatch(
  objects: Judged['objects'],
  { key, size, crc32c }: ManifestObject,
): string | undefined {
  const present = objects.get(key);
  if (!present) return `the object ${key} is missing`;
  if (present.size !== size)
    return `the object ${key} has ${present.size} bytes instead of ${size}`;
  return (present.crc32c ?? crc32c) === crc32c
    ? undefined
    : `the object ${key} has the CRC32C ${present.crc32c} instead of ${crc32c}`;
}
