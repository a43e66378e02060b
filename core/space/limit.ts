import { ENGLISH, formatSize } from '../lib/text/format.ts';
import type { SizeLimit } from '../lib/bytes/size-limit.ts';
import { MIB } from '../lib/text/units.ts';
import { PROCESS_BYTES } from './fit.ts';
import type { SpaceProbe } from './probe.ts';

// What a copy leaves free on the temporary disk, which the applications of the machine may use, too.
// A copy of at most half of what is free is always made.
const RESERVE_SHARE = 0.05;
const MOST_RESERVE_BYTES = 256 * MIB;

type TemporarySpace = {
  readonly space: SpaceProbe;
  /** The temporary folder. */
  readonly temporary: string;
};

/**
 * How many bytes may be written to the temporary folder: what is free, less a reserve. In a cloud
 * function, the memory that a run leaves. `undefined` when unknown.
 */
export async function temporaryRoom({
  space,
  temporary,
}: TemporarySpace): Promise<number | undefined> {
  if (space.filesInMemory) {
    const memory = space.memory();
    return memory === undefined ? undefined : Math.max(0, memory - PROCESS_BYTES);
  }
  const volume = await space.volume(temporary);
  if (!volume) return undefined;
  const reserve = Math.min(volume.total * RESERVE_SHARE, MOST_RESERVE_BYTES, volume.free / 2);
  return Math.max(0, volume.free - reserve);
}

/** The limit that the configuration sets for a database. */
export function sizeLimitOf(database: {
  readonly name: string;
  readonly maxSize?: number | undefined;
}): SizeLimit | undefined {
  const { name, maxSize } = database;
  if (maxSize === undefined) return undefined;
  return {
    bytes: maxSize,
    code: 'source_suspicious',
    message: `${name} is larger than its maxSize, ${formatSize(ENGLISH, maxSize)}`,
    hint: `Find out why it is so large. If that is right, raise \`maxSize\` of ${name} in lifeboat.yaml.`,
  };
}

/**
 * The bound for a copy of a database, whatever its source announces: `maxSize`, or the room in the
 * temporary folder if that is smaller.
 */
export async function copyLimit(
  context: TemporarySpace,
  database: { readonly name: string; readonly maxSize?: number | undefined },
): Promise<SizeLimit | undefined> {
  const ownLimit = sizeLimitOf(database);
  const room = await temporaryRoom(context);
  if (room === undefined || (ownLimit && ownLimit.bytes <= room)) return ownLimit;
  return {
    bytes: room,
    code: 'insufficient_space',
    message: `${database.name} is larger than the ${formatSize(ENGLISH, room)} that may be used ${context.space.filesInMemory ? 'of the memory' : `in ${context.temporary}`}`,
    hint: roomHint(context.space),
  };
}

/** What to do where a copy has no room. */
export function roomHint({
  filesInMemory,
  inJob,
}: Pick<SpaceProbe, 'filesInMemory' | 'inJob'>): string {
  if (inJob)
    return filesInMemory
      ? 'Raise `memory_mib` of the job (`jobs` in the Terraform), or back up on the host.'
      : 'Raise `maxSize` of this database in lifeboat.yaml, from which the disk of its job follows (or `disk_gib` in `jobs`), and apply the Terraform.';
  return filesInMemory
    ? 'Set `run: job` for this database in lifeboat.yaml (if it has that, start its Cloud Run job instead), raise the memory of the function (memory_mib in the Terraform), or back up on the host.'
    : 'Free some space in the temporary folder, or set TMPDIR to another one.';
}
