import { getObject } from '../catalog/objects.ts';
import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import { manifestKey, type Manifest, type ManifestObject } from '../format/manifest.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Examination } from '../state/damage.ts';
import { isPrunable } from '../store/store.ts';

/** Reads an object to its end; throws when it is not what was stored. */
export type ReadObject = (object: ManifestObject) => Promise<void>;

/**
 * Compares every byte of a backup's objects with its manifest; its ancestors are not looked at.
 */
export async function examine(
  context: Context,
  listing: Listing,
  manifest: Manifest,
  read: ReadObject = (object) => readWhole(context, object),
): Promise<Examination> {
  const problems = metadataProblems(listing, manifest);
  let restores = true;
  for (const object of manifest.objects) {
    const problem = await objectProblem(context, listing, object, read);
    if (problem === undefined) continue;
    problems.push(problem);
    if (object.role === 'data') restores = false;
  }
  return { id: manifest.id, problems, restores, decoded: false };
}

export async function readWhole({ store }: Context, object: ManifestObject): Promise<void> {
  for await (const _ of getObject(store, object));
}

/**
 * The text of an error that shows damage. Rethrows every other one: a store that does not answer
 * says nothing about a backup.
 */
export function damageText(error: unknown): string {
  const { code, message } = toLifeboatError(error);
  if (!['backup_damaged', 'backup_forged', 'not_found'].includes(code)) throw error;
  return message;
}

/** Expiry and hold that a store cannot read: the backup restores, but it is never deleted. */
function metadataProblems({ objects }: Listing, { database, id, ...rest }: Manifest): string[] {
  const keys = [manifestKey(database, id), ...rest.objects.map(({ key }) => key)];
  return keys
    .filter((key) => objects.get(key)?.metadataDamaged === true)
    .map((key) => `the metadata of ${key} (${key}.meta) is damaged; the object is kept for ever`);
}

async function objectProblem(
  { store }: Context,
  { objects }: Listing,
  object: ManifestObject,
  read: ReadObject,
): Promise<string | undefined> {
  const present = objects.get(object.key);
  if (!present) return `the object ${object.key} is missing`;
  if (present.size !== object.size)
    return `the object ${object.key} has ${present.size} bytes instead of ${object.size}`;
  try {
    await read(object);
  } catch (error) {
    return damageText(error);
  }
  // Its bytes are right, so a file that was only copied or touched need not stay suspect. A store
  // that may not be written to keeps it so.
  if (present.crc32c === undefined && isPrunable(store))
    await store.confirm(present, object.crc32c).catch(() => undefined);
  return undefined;
}
