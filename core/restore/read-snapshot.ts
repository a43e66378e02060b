import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { createCodec } from '../format/codec.ts';
import { decompressFrames } from '../format/frames.ts';
import type { Manifest } from '../format/manifest.ts';
import { mergeLayers } from '../format/merge.ts';
import { countPages } from '../format/pages.ts';
import { lastOf, refuseOtherDigest } from './snapshot-digest.ts';
import { storedLayer } from './stored-layer.ts';

/**
 * The bytes of the chain's last snapshot, from first to last, without a file. Throws
 * `backup_damaged` unless they are byte for byte the snapshot, which is known only at the end. A
 * piece is valid until the next one is requested.
 */
export async function* readSnapshot(
  context: Context,
  chain: readonly Manifest[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const last = lastOf(chain);
  const sha = createHash('sha256');
  await using codec = createCodec();
  const layers = chain.map((manifest) => storedLayer(context, manifest));
  // Increments are small: one frame ahead each keeps a long chain within the memory of a short one.
  const bodies = layers.map(({ runs, body }, at) => ({
    runs,
    body: decompressFrames(body(), codec, {
      ahead: at === 0 ? 6 : 1,
      size: countPages(runs) * last.pageSize,
    }),
  }));
  const pieces = mergeLayers(bodies, last, (layer, error) => layers[layer]?.blame(error) ?? error);
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    sha.update(piece);
    yield piece;
  }
  refuseOtherDigest(last, sha.digest('hex'));
}
