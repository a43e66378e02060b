import type { Context } from '../context.ts';
import type { Content } from '../format/manifest.ts';
import { wholeOf, type Listing } from '../catalog/listing.ts';
import { expiryOf, takeSlots } from '../catalog/retention.ts';
import type { Run } from '../runs/run.ts';
import type { Plan } from './plan.ts';
import type { BackupVerdict } from './verdict.ts';
import { writeFull, type Taken } from './write.ts';
import { DAY_MS } from '../lib/time.ts';

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
  const { database, request } = plan;
  const { name, retention, timeZone } = database;
  const manifests = wholeOf(await catalog.list(name));
  const slots = takeSlots(manifests, taken.takenAt, request.reason, retention, timeZone);
  const expires = expiryOf(taken.takenAt, slots, retention, timeZone);
  await catalog.extendChain(taken.chain, expires);
  const content = contentOf(context, plan, taken, verdict);
  await catalog.commit({ ...content, slots, expires: expires.toISOString() });
  return catalog.reconcileHolds(name, retention.daily);
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
  const { manifests } = await context.catalog.list(plan.database.name);
  if (manifests.filter((each) => each.salvage).length >= MOST_SALVAGE) return false;
  const prefix = `${attempt}salvage-`;
  const full = taken.parent
    ? await writeFull({ context, plan, snapshot, prefix, signal }, taken)
    : taken;
  if (!snapshot.holds()) return false;
  const expires = new Date(context.now().getTime() + SALVAGE_DAYS * DAY_MS).toISOString();
  const content = contentOf(context, plan, full, verdict);
  return context.catalog.commit({ ...content, salvage: true, expires });
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
    takenAt: taken.takenAt.toISOString(),
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
    chain: { salt: taken.salt.toString('hex'), keyed: taken.keyed },
    inspection: JSON.parse(JSON.stringify(inspection)) as Content['inspection'],
    expires: context.now().toISOString(),
    tool: context.tool,
  };
}
