import { roomOf, type Room } from '../space/room.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';
import type { SizeLimit } from '../lib/bytes/size-limit.ts';
import { fitSpace } from '../space/fit.ts';
import { copyLimit, roomHint, temporaryRoom } from '../space/limit.ts';
import type { Source } from '../source/source.ts';
import type { Context } from '../context.ts';
import { tidy } from '../upkeep/prune.ts';

export type SnapshotRoom = {
  /** The largest file that the sandbox may judge, bytes. */
  readonly sandboxLimit: number;
  /** The bound for a copy, because a source may send more than it announces. */
  readonly limit: SizeLimit | undefined;
};

/**
 * Checks the room for a snapshot before anything is pulled. Throws `insufficient_space`.
 */
export async function checkSpace(
  context: Context,
  database: DatabaseConfig,
  source: Source,
  signal: AbortSignal,
): Promise<SnapshotRoom> {
  const { space, temporary } = context;
  const size = (await source.measure(signal)) ?? 0;
  // A file of this machine may be read where it is; where it must be copied, the copy itself says
  // when the disk is full.
  const free =
    space.filesInMemory || source.url.startsWith('file:')
      ? undefined
      : await temporaryRoom(context);
  const fit = fitSpace({
    size,
    sandboxLimit: database.inspection.sandboxLimit,
    memory: space.memory(),
    filesInMemory: space.filesInMemory,
    free,
  });
  if (fit.fits)
    return { sandboxLimit: fit.sandboxLimit, limit: await copyLimit(context, database) };
  const where = fit.short === 'memory' ? 'of memory' : `in ${temporary}`;
  const [needed, available] = [fit.needed, fit.available].map((bytes) =>
    formatSize(ENGLISH, bytes),
  );
  throw new LifeboatError(
    'insufficient_space',
    `${database.name} needs ${needed} ${where}, but only ${available} are free`,
    roomHint(space),
    { facts: { needed: fit.needed, available: fit.available } },
  );
}

/** The free space of the store; when it is below the reserve, expired backups are deleted first. */
export async function checkStoreRoom(context: Context): Promise<Room | undefined> {
  const room = await roomOf(context);
  if (!room || room.free >= room.reserve) return room;
  await tidy(context);
  return (await roomOf(context)) ?? room;
}
