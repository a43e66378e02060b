import type { Context } from '../context.ts';
import type { Content, Slot } from '../format/manifest.ts';
import { LifeboatError } from '../lib/errors.ts';
import { hideInTexts } from '../lib/log/redaction.ts';
import { nextSequence } from '../catalog/chain.ts';
import type { Listing } from '../catalog/listing.ts';
import { expiryOf, takeSlots } from '../catalog/retention.ts';
import { faultsIn, soundOf } from '../catalog/soundness.ts';
import type { Run } from '../runs/run.ts';
import { notAfter, type Plan } from './plan.ts';
import type { BackupVerdict } from './verdict.ts';
import { writeFull, type Taken } from './write.ts';
import { DAY_MS } from '../lib/text/time.ts';

const MOST_SALVAGE = 3;
const SALVAGE_DAYS = 14;

/**
 * Ancestors first, then the backup itself, then the holds. Lists before the commit, because another
 * run may have taken a slot since the plan; returns the listing after it, which shows the new
 * holds.
 */
export async function commit(
  context: Context,
  plan: Plan,
  taken: Taken,
  verdict: BackupVerdict,
): Promise<Listing> {
  const { catalog } = context;
  const { name, retention, timeZone } = plan.database;
  const listing = await catalog.list(name);
  refuseDamagedParent(listing, taken);
  const takenAt = notAfter(taken.takenAt, context.now());
  const slots = slotsOf(listing, plan, { ...taken, takenAt });
  const expires = expiryOf(takenAt, slots, retention, timeZone);
  await catalog.extendChain(listing, taken.chain, expires);
  const content = contentOf(context, plan, taken, verdict);
  const sequence = nextSequence(listing.manifests, context.now());
  await catalog.commit(listing, { ...content, sequence, slots, expires: expires.toISOString() });
  // The new manifest itself is read back, and not a copy of it. So are the records of damage: a hold
  // must not move from a sound backup to one that was found damaged since.
  return catalog.reconcileHolds(name, retention.daily, { withoutBundle: true });
}

/** Another run may have found damage in the chain since the plan. */
function refuseDamagedParent(listing: Listing, { parent }: Taken): void {
  const fault = parent && faultsIn(listing).get(parent.id);
  if (fault?.level !== 'damaged') return;
  throw new LifeboatError(
    'backup_damaged',
    `the backup ${parent?.id}, on which this one is based, is damaged: ${fault.reason}`,
    'Run the backup again. It will be a full one.',
  );
}

/**
 * The slots of the plan, without those that another run has taken since. A backup that was meant to
 * be incremental takes no long one, even when its week ended while it was pulled.
 */
function slotsOf(listing: Listing, plan: Plan, { takenAt, parent }: Taken): Slot[] {
  const { request, database } = plan;
  if (parent && request.kind === 'auto') return ['daily'];
  const free = takeSlots(soundOf(listing), { takenAt, reason: request.reason }, database);
  const plannedSlots = plan.slotsAt(takenAt);
  return free.filter((slot) => plannedSlots.includes(slot));
}

/**
 * Keeps a database that opens but fails its checks apart from the backups: it may be all there is
 * today.
 */
export async function salvage(
  { context, signal }: Run,
  plan: Plan,
  taken: Taken,
  verdict: BackupVerdict,
): Promise<boolean> {
  const { snapshot, attempt } = taken;
  if (!snapshot || verdict.inspection.schema === null) return false;
  const { name } = plan.database;
  const { manifests } = await context.catalog.list(name);
  if (manifests.filter((each) => each.salvage).length >= MOST_SALVAGE) return false;
  const prefix = `${attempt}salvage-`;
  const full = taken.parent
    ? await writeFull({ context, plan, snapshot, prefix, signal }, taken)
    : taken;
  if (!snapshot.holds()) return false;
  const expires = new Date(context.now().getTime() + SALVAGE_DAYS * DAY_MS).toISOString();
  const content = contentOf(context, plan, full, verdict);
  const listing = await context.catalog.list(name);
  const sequence = nextSequence(listing.manifests, context.now());
  return context.catalog.commit(listing, { ...content, sequence, salvage: true, expires });
}

/** The manifest; slots and expiry are decided at the commit. */
function contentOf(
  context: Context,
  { id, database, request, source }: Plan,
  taken: Taken,
  { inspection }: BackupVerdict,
): Content {
  const { parent, pageSize, size } = taken;
  return {
    lifeboat: 1,
    id,
    database: database.name,
    kind: parent ? 'incremental' : 'full',
    salvage: false,
    parent: parent?.id ?? null,
    base: parent ? (parent.base ?? parent.id) : null,
    depth: parent ? parent.depth + 1 : 0,
    requestedAt: request.requestedAt.toISOString(),
    takenAt: notAfter(taken.takenAt, context.now()).toISOString(),
    reason: request.reason,
    slots: [],
    source,
    sourceVersion: taken.version ?? null,
    pageSize,
    pageCount: size / pageSize,
    size,
    sha256: taken.sha256,
    pages: parent ? taken.runs.map(([first, count]): [number, number] => [first, count]) : null,
    objects: [...taken.objects],
    encryption: database.recipients.length > 0 ? { recipients: [...database.recipients] } : null,
    chain: taken.fingerprinting,
    inspection: hideInTexts(
      JSON.parse(JSON.stringify(inspection)) as Content['inspection'],
      context.hide,
    ),
    expires: context.now().toISOString(),
    tool: context.tool,
  };
}
