import type { LifeboatError } from '../lib/errors.ts';
import type { Manifest } from '../format/manifest.ts';
import type { StoredObject } from '../store/store.ts';

export type Listing = {
  readonly manifests: readonly Manifest[];
  /** Manifests that are there but cannot be read; newest last. */
  readonly damaged: readonly { readonly id: string; readonly error: LifeboatError }[];
  readonly objects: ReadonlyMap<string, StoredObject>;
};

/** Only what the store still has whole can carry a child or keep a slot. */
export function wholeOf({ manifests, objects }: Listing): Manifest[] {
  return manifests.filter((each) =>
    each.objects.every(({ key, size }) => objects.get(key)?.size === size),
  );
}
