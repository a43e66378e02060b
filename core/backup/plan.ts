import { once } from '../lib/bytes.ts';
import { encrypt } from '../format/encryption.ts';
import type { Manifest } from '../format/manifest.ts';
import { putObject } from '../catalog/objects.ts';
import { LifeboatError } from '../lib/errors.ts';
import { chooseParent } from '../catalog/chain.ts';
import { takeSlots } from '../catalog/retention.ts';
import type { Subject, Work } from './describe.ts';
import { leftoverExpiry, parentPrints, wholeBackups, type Written } from './write.ts';

/** The newest backup, if an increment without pages upon it would be a proper backup now: then the source may say that nothing changed. */
export async function reusable({
  context,
  database,
  request,
}: Work): Promise<Manifest | undefined> {
  const keyed = database.recipients.length > 0 && context.keys.key !== undefined;
  const whole = await wholeBackups(context, database.name);
  const now = context.now();
  const newest = whole.manifests
    .filter(({ salvage }) => !salvage)
    .sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1))
    .at(-1);
  if (!newest?.sourceVersion) return undefined;
  const slots = takeSlots(
    whole.manifests,
    now,
    request.reason,
    database.retention,
    database.timeZone,
  );
  const parent = chooseParent(whole.manifests, {
    kind: request.kind,
    now,
    fullEveryMs: database.fullEveryMs,
    pageSize: newest.pageSize,
    recipients: database.recipients,
    keyed,
    longSlot: slots.length > 1,
  });
  return parent?.id === newest.id ? newest : undefined;
}

/** A backup of a source that says it still has the state of `known`: an increment without pages, judged by the inspection of that state. */
export async function writeUnchanged(
  { context, database }: Work,
  url: string,
  known: Manifest | undefined,
  prefix: string,
): Promise<{ written: Written; subject: Subject; inspection: Manifest['inspection'] }> {
  const prints = known && (await parentPrints(context, known));
  if (!known || !prints)
    throw new LifeboatError(
      'source_unreachable',
      'the source says that nothing changed, but there is no backup to build upon',
      'Run it again with --kind full.',
    );
  const listing = await context.catalog.list(database.name);
  const expires = leftoverExpiry(context);
  const { recipients } = database;
  const name = `${prefix}pages.zst${recipients.length > 0 ? '.age' : ''}`;
  const nothing = once(new Uint8Array());
  const data = await putObject(
    context.store,
    'data',
    name,
    recipients.length > 0 ? encrypt(nothing, recipients) : nothing,
    expires,
  );
  const written: Written = {
    parent: known,
    chain: context.catalog.chain(listing, known),
    runs: [],
    objects: [
      data,
      await putObject(
        context.store,
        'fingerprints',
        `${prefix}fingerprints`,
        once(prints),
        expires,
      ),
    ],
    sha256: known.sha256,
    pageSize: known.pageSize,
    salt: Buffer.from(known.chain.salt, 'hex'),
    keyed: known.chain.keyed,
  };
  const detail = `the source says that it is still the state of ${known.id}`;
  return {
    written,
    subject: {
      url,
      version: known.sourceVersion ?? undefined,
      takenAt: context.now(),
      size: known.size,
    },
    inspection: {
      ...known.inspection,
      checks: [
        ...known.inspection.checks.filter((each) => each.name !== 'unchanged'),
        { name: 'unchanged', result: 'ok', detail },
      ],
    },
  };
}
