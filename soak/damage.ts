import type { Manifest } from '../core/format/manifest.ts';
import type { Random } from './random.ts';

/**
 * A data object for a bit to flip in; `undefined` when there is none. It is one that a manifest
 * names, because nobody reads what a run left behind that did not commit, and not one of `flipped`,
 * because the same bit would flip back.
 */
export function pickData(
  manifests: readonly Pick<Manifest, 'objects'>[],
  flipped: ReadonlySet<string>,
  random: Random,
): string | undefined {
  const names = manifests
    .flatMap(({ objects }) => objects)
    .filter(({ role, size, key }) => role === 'data' && size > 0 && !flipped.has(key))
    .map(({ key }) => key);
  return names.length === 0 ? undefined : random.pick(names.sort());
}
