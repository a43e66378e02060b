import type { Manifest } from '../format/manifest.ts';
import { expiryOf, takeSlots } from '../catalog/retention.ts';
import type { Inspection } from '../sqlite/types.ts';
import { describe, type Subject, type Work } from './describe.ts';
import { wholeBackups, writeFull, type Writing, type Written } from './write.ts';

const DAY = 86_400_000;
const MOST_SALVAGE = 3;
const SALVAGE_DAYS = 14;

/** Ancestors first, then the backup itself, then the holds. */
export async function commit(
  work: Work,
  subject: Subject,
  inspection: Inspection | Manifest['inspection'],
  written: Written,
): Promise<void> {
  const { context, database, request } = work;
  const { catalog } = context;
  const { manifests } = await wholeBackups(context, database.name);
  const slots = takeSlots(
    manifests,
    subject.takenAt,
    request.reason,
    database.retention,
    database.timeZone,
  );
  const expires = expiryOf(subject.takenAt, slots, database.retention, database.timeZone);
  await catalog.extendChain(written.chain, expires);
  await catalog.commit({
    ...describe(work, subject, inspection, written),
    slots,
    expires: expires.toISOString(),
  });
  await catalog.reconcileHolds(database.name, database.retention.daily);
}

/** Keeps a database that opens but fails its inspection apart from the backups, since it may be all there is today. */
export async function salvage(
  work: Work,
  writing: Writing,
  subject: Subject,
  inspection: Inspection,
  written: Written,
): Promise<boolean> {
  const { context, database } = work;
  const { manifests } = await context.catalog.list(database.name);
  if (inspection.schema === null || manifests.filter((each) => each.salvage).length >= MOST_SALVAGE)
    return false;
  const full = written.parent
    ? await writeFull({ ...writing, prefix: `${writing.prefix}salvage-` }, written)
    : written;
  if (!writing.snapshot.holds()) return false;
  const expires = new Date(context.now().getTime() + SALVAGE_DAYS * DAY).toISOString();
  return context.catalog.commit({
    ...describe(work, subject, inspection, full),
    salvage: true,
    expires,
  });
}
