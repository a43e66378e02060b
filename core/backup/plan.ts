import type { Manifest, Slot } from '../format/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import { chooseParent, verified } from '../catalog/chain.ts';
import type { Listing } from '../catalog/listing.ts';
import { takeSlots } from '../catalog/retention.ts';
import { candidatesOf, faultsIn, futureOf, futureText, soundOf } from '../catalog/soundness.ts';
import { manifestKey } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { backupId, type BackupRequest } from '../runs/request.ts';

/** A backup before anything is pulled: what it will be, decided on one listing of the catalog. */
export type Plan = {
  readonly id: string;
  readonly database: DatabaseConfig;
  readonly request: BackupRequest;
  /** The address of the source, without secrets. */
  readonly source: string;
  /** The last verified backup, which the guard compares with; not one from the future. */
  readonly newest: Manifest | undefined;
  /** The backup that an incremental one would be based on; `undefined` when it must be full. */
  readonly parent: Manifest | undefined;
  /** The ancestors, from the base to the parent. */
  readonly chain: readonly Manifest[];
  /** Whether fingerprints are keyed, as encrypted backups need. */
  readonly keyed: boolean;
  /** The parent, if the source may answer that it still has the same version. */
  readonly reusable: Manifest | undefined;
  /** The slots that a snapshot of this time takes in the listing of the plan. */
  readonly slotsAt: (takenAt: Date) => readonly Slot[];
};

/**
 * Decides on one listing of the catalog. Throws `usage` when the backups under this name are of
 * another file.
 */
export function planBackup(
  context: Context,
  listing: Listing,
  { id, database, request, source }: Pick<Plan, 'id' | 'database' | 'request' | 'source'>,
): Plan {
  const { catalog, keys, now } = context;
  const newest = verified(candidatesOf(listing)).at(-1);
  refuseStranger(database, source, newest);
  const keyed = database.recipients.length > 0 && keys.key !== undefined;
  const sound = soundOf(listing);
  const slotsAt = (takenAt: Date): Slot[] =>
    takeSlots(sound, { takenAt: notAfter(takenAt, now()), reason: request.reason }, database);
  warnOfFaults(context, listing, newest);
  const isSound = newest === undefined || sound.includes(newest);
  const parent = isSound
    ? parentAmong(sound, database, request, { keyed, now: now(), slotsAt })
    : undefined;
  const isNewest = parent !== undefined && parent === newest;
  return {
    id,
    database,
    request,
    source,
    newest,
    parent,
    chain: parent ? catalog.chain(listing, parent) : [],
    keyed,
    reusable: isNewest && parent.sourceVersion !== null ? parent : undefined,
    slotsAt,
  };
}

/**
 * The id of the backup that a request asks for, whether it exists or not. Where a former attempt
 * left a salvage copy under the first one, or an expired backup is not deleted yet, it is the next:
 * a manifest is never replaced, and neither of these is an answer to the request.
 */
export function idOf(
  { manifests, damaged, objects }: Listing,
  database: string,
  { requestedAt, key }: Pick<BackupRequest, 'requestedAt' | 'key'>,
): string {
  const isSpent = (id: string): boolean => {
    if (!objects.has(manifestKey(database, id)) || damaged.some((each) => each.id === id))
      return false;
    return manifests.find((each) => each.id === id)?.salvage !== false;
  };
  let id = backupId(requestedAt, key);
  for (let attempt = 2; isSpent(id); attempt += 1) id = backupId(requestedAt, `${key}\n${attempt}`);
  return id;
}

/** No snapshot is younger than the moment at which it is committed. */
export function notAfter(takenAt: Date, now: Date): Date {
  return takenAt > now ? now : takenAt;
}

function warnOfFaults({ log }: Context, listing: Listing, newest: Manifest | undefined): void {
  const fault = newest && faultsIn(listing).get(newest.id);
  if (newest && fault)
    log('WARNING', `the newest backup ${newest.id} cannot be built upon: ${fault.reason}`, {
      event: 'damage',
      database: newest.database,
      backup: newest.id,
      hint: `This backup is full instead. Run \`lifeboat verify ${newest.database} --read-data\` to see what else is damaged.`,
    });
  const [first, ...others] = futureOf(listing);
  if (first)
    log('WARNING', futureText(first, others.length), {
      event: 'clock',
      database: first.database,
      backup: first.id,
      hint: 'Check the clock of this machine (`timedatectl`). If it is right, the backup was made with a wrong one: it is kept, and restores by its id.',
    });
}

/** Whether a backup must be full because it is kept for a week, a month or a year. */
export function takesLongSlot({ slotsAt }: Pick<Plan, 'slotsAt'>, takenAt: Date): boolean {
  return slotsAt(takenAt).length > 1;
}

/**
 * A child has the page size of its chain; `take` makes a full backup when the snapshot has another
 * one.
 */
function parentAmong(
  sound: readonly Manifest[],
  { fullEveryMs, recipients }: DatabaseConfig,
  { kind }: BackupRequest,
  { keyed, now, slotsAt }: { keyed: boolean; now: Date; slotsAt: Plan['slotsAt'] },
): Manifest | undefined {
  const pageSize = verified(sound).at(-1)?.pageSize;
  if (pageSize === undefined) return undefined;
  return chooseParent(sound, {
    kind,
    now,
    fullEveryMs,
    pageSize,
    recipients,
    keyed,
    longSlot: takesLongSlot({ slotsAt }, now),
  });
}

/** Two files of the same name, given by their paths, must not be mixed into one history. */
function refuseStranger(
  database: DatabaseConfig,
  source: string,
  newest: Manifest | undefined,
): void {
  if (database.configured || !newest || newest.source === source) return;
  throw new LifeboatError(
    'usage',
    `the store has backups of another file under the name ${database.name}: ${newest.source}`,
    'Give each its own name in lifeboat.yaml, or use another --store.',
  );
}
