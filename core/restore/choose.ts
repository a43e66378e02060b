import type { Listing } from '../catalog/listing.ts';
import { fullId, idTime, selectBackup } from '../catalog/select.ts';
import { futureOf, futureText, isFuture } from '../catalog/soundness.ts';
import type { Context } from '../context.ts';
import { BACKUP_ID, type Manifest } from '../format/manifest.ts';
import { refuseMissingNewest } from '../state/missing.ts';

/**
 * The backup to read for `at`. Warns when others were passed over because their time lies in the
 * future. Throws `backup_damaged`, with its id in the fact `backup`, when a newer one that a run
 * recorded is gone.
 */
export async function chooseBackup(
  context: Context,
  listing: Listing,
  { database, salvage, ...selection }: { database: string; at: string; salvage: boolean },
): Promise<Manifest> {
  const at = fullId(listing, database, selection.at);
  const manifest = selectBackup(listing, database, at, salvage);
  if (BACKUP_ID.test(at)) return manifest;
  await refuseMissingNewest(context, listing, { database, at, manifest });
  warnOfFuture(context, listing, manifest);
  warnOfUnreadable(context, listing, manifest);
  return manifest;
}

/** If the clock of this machine is behind, those that were passed over are the newest. */
function warnOfFuture({ log }: Context, listing: Listing, { database, id, takenAt }: Manifest) {
  const [first, ...others] = futureOf(listing);
  if (!first) return;
  const isOwnClock = isFuture(takenAt, listing.at);
  const text = isOwnClock
    ? `the clock of this machine is behind every backup of ${database}, so the newest of all is chosen: ${id}`
    : `${futureText(first, others.length)}; the newest before now is chosen: ${id}`;
  log('WARNING', text, {
    event: 'clock',
    database,
    backup: first.id,
    hint: isOwnClock
      ? 'Set the clock (`timedatectl`); restore another backup with --at.'
      : `Check the clock of this machine (\`timedatectl\`). To restore the other one: --at ${first.id}`,
  });
}

/** Of a manifest that cannot be read, only the time of the request is known, by its id. */
function warnOfUnreadable({ log }: Context, { damaged, at }: Listing, chosen: Manifest): void {
  const [first, ...others] = damaged.filter(({ id }) =>
    isFuture(new Date(idTime(id)).toISOString(), at),
  );
  if (!first) return;
  const { database, id, takenAt } = chosen;
  if (isFuture(takenAt, at)) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  log(
    'WARNING',
    `the manifest of ${database}/${first.id}${more} cannot be read, and its time is in the future; using the newest backup before now: ${id}`,
    {
      event: 'clock',
      database,
      backup: first.id,
      hint: `Check the clock of this machine (\`timedatectl\`): if it is behind, a newer backup is damaged. \`lifeboat verify ${database}\` shows what else is.`,
    },
  );
}
