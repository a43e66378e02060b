import { ENGLISH, formatSize } from '../lib/format.ts';
import { isPrunable, type Store } from '../store/store.ts';
import type { SpaceProbe } from './probe.ts';

/** Bytes. `share`: the reserve as a part of the disk, when it is configured so. */
export type Room = {
  readonly free: number;
  readonly reserve: number;
  readonly share?: number | undefined;
};

/** The free space in the folder of the store; `undefined` for a bucket, or when it is not known. */
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
  const shown =
    share === undefined ? formatSize(ENGLISH, reserve) : `${Number((share * 100).toFixed(1))} %`;
  return `${formatSize(ENGLISH, free)} free${folder === undefined ? '' : ` in ${folder}`} (reserve ${shown})`;
}
