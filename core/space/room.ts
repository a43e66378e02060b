import { isPrunable, type Store } from '../store/store.ts';
import type { SpaceProbe } from './probe.ts';

export type Room = { readonly free: number; readonly reserve: number };

/** What the folder of the store has left; `undefined` for a bucket, and where it cannot be known. */
export async function roomOf({
  store,
  space,
}: {
  readonly store: Store;
  readonly space: SpaceProbe;
}): Promise<Room | undefined> {
  const found = isPrunable(store) ? await space.volume(store.url) : undefined;
  if (!found) return undefined;
  return {
    free: found.free,
    reserve: 'share' in space.reserve ? found.total * space.reserve.share : space.reserve.bytes,
  };
}
