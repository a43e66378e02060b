import type { Manifest } from '../format/manifest.ts';
import type { DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import { chooseParent, verified } from '../catalog/chain.ts';
import { wholeOf, type Listing } from '../catalog/listing.ts';
import { takeSlots } from '../catalog/retention.ts';
import { LifeboatError } from '../lib/errors.ts';
import { backupId, type BackupRequest } from '../runs/request.ts';

/** A backup before anything is pulled: what it will be, decided on one listing of the catalog. */
export type Plan = {
  readonly id: string;
  readonly database: DatabaseConfig;
  readonly request: BackupRequest;
  /** The address of the source, without secrets. */
  readonly source: string;
  /** The last verified backup, which the guard compares with. */
  readonly newest: Manifest | undefined;
  /** The backup that an incremental one would be based on; `undefined` when it must be full. */
  readonly parent: Manifest | undefined;
  /** The ancestors, from the base to the parent. */
  readonly chain: readonly Manifest[];
  /** Whether fingerprints are keyed, as encrypted backups need. */
  readonly keyed: boolean;
  /** The parent, if the source may answer that it still has the same version. */
  readonly reusable: Manifest | undefined;
};

/**
 * Lists the catalog once and decides on it. Throws `usage` when the backups under this name are of
 * another file.
 */
export async function planBackup(
  context: Context,
  database: DatabaseConfig,
  request: BackupRequest,
  source: string,
): Promise<Plan> {
  const { catalog, keys, now } = context;
  const listing = await catalog.list(database.name);
  const newest = verified(listing.manifests).at(-1);
  refuseStranger(database, source, newest);
  const keyed = database.recipients.length > 0 && keys.key !== undefined;
  const whole = { ...listing, manifests: wholeOf(listing) };
  const parent = parentIn(whole, database, request, { keyed, now: now() });
  const isNewest = parent !== undefined && parent === verified(whole.manifests).at(-1);
  return {
    id: backupId(request.requestedAt, request.key),
    database,
    request,
    source,
    newest,
    parent,
    chain: parent ? catalog.chain(whole, parent) : [],
    keyed,
    reusable: isNewest && parent.sourceVersion !== null ? parent : undefined,
  };
}

/**
 * A child has the page size of its chain; `take` makes a full backup when the snapshot has another
 * one.
 */
function parentIn(
  { manifests }: Listing,
  database: DatabaseConfig,
  { kind, reason }: BackupRequest,
  { keyed, now }: { keyed: boolean; now: Date },
): Manifest | undefined {
  const { retention, timeZone, fullEveryMs, recipients } = database;
  const pageSize = verified(manifests).at(-1)?.pageSize;
  if (pageSize === undefined) return undefined;
  const slots = takeSlots(manifests, now, reason, retention, timeZone);
  return chooseParent(manifests, {
    kind,
    now,
    fullEveryMs,
    pageSize,
    recipients,
    keyed,
    longSlot: slots.length > 1,
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
