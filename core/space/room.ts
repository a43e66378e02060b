// Room in memory, on the temporary disk and in a folder store: measures it, and says whether a run
// fits. Imports store, config and lib.
import { ENGLISH, formatSize } from '../lib/text/format.ts';
import { isPrunable, type Store } from '../store/store.ts';
import type { SpaceProbe } from './probe.ts';

/** Bytes. `share` is the reserve as a part of the disk, if it is configured so. */
export type Room = {
  readonly free: number;
  readonly reserve: number;
  readonly share?: number | undefined;
};

/** The free space in the folder of the store; `undefined` for a bucket, or when unknown. */
export async function roomOf({
  store,
  space,
}: {
  readonly store: Store;
  readonly space: Pick<SpaceProbe, 'volume' | 'reserve'>;
}): Promise<Room | undefined> {
  const volume = isPrunable(store) ? await space.volume(store.url) : undefined;
  if (!volume) return undefined;
  const { free, total } = volume;
  if (!('share' in space.reserve)) return { free, reserve: space.reserve.bytes };
  const { share } = space.reserve;
  return { free, reserve: total * share, share };
}

/** `53.9 GiB free in /srv/backups (reserve 10 %)`. */
export function describeRoom({ free, reserve, share }: Room, folder?: string): string {
  const reserved =
    share === undefined ? formatSize(ENGLISH, reserve) : `${Number((share * 100).toFixed(1))} %`;
  return `${formatSize(ENGLISH, free)} free${folder === undefined ? '' : ` in ${folder}`} (reserve ${reserved})`;
}
