import { getObject } from '../catalog/objects.ts';
import type { Context } from '../context.ts';
import { decrypt } from '../format/encryption.ts';
import { DAMAGED_CHAIN_HINT, FRAME_SIZE } from '../format/frames.ts';
import type { Manifest } from '../format/manifest.ts';
import type { PageRun } from '../format/pages.ts';
import { LifeboatError } from '../lib/errors.ts';

/** The stored data of one backup of a chain. */
export type StoredLayer = {
  /** The pages in the data, in their order. */
  readonly runs: readonly PageRun[];
  /** The frames, decrypted. */
  readonly body: () => AsyncIterable<Uint8Array>;
  /** Adds to a damage error the backup it is about and, where known, the damaged pages. */
  readonly blame: (error: unknown) => unknown;
};

export function storedLayer(context: Context, manifest: Manifest): StoredLayer {
  return {
    runs: storedRuns(manifest),
    body: () => content(context, manifest),
    blame: (error) => blame(manifest, error),
  };
}

/** The runs of pages in a backup's data. */
export function storedRuns({ pages, pageCount }: Manifest): readonly PageRun[] {
  return pages ?? (pageCount > 0 ? [[1, pageCount]] : []);
}

function content(context: Context, manifest: Manifest): AsyncIterable<Uint8Array> {
  const object = manifest.objects.find(({ role }) => role === 'data');
  if (!object)
    throw new LifeboatError(
      'backup_damaged',
      `the manifest of ${manifest.id} names no data`,
      DAMAGED_CHAIN_HINT,
    );
  const body = getObject(context.store, object);
  const { encryption } = manifest;
  return encryption ? decrypt(body, context.keys.identities, encryption.recipients) : body;
}

function blame(manifest: Manifest, error: unknown): unknown {
  if (!(error instanceof LifeboatError) || error.code !== 'backup_damaged') return error;
  const pages =
    typeof error.facts['frame'] === 'number' ? pagesOfFrame(manifest, error.facts['frame']) : [];
  const list =
    pages.length > 8
      ? `${pages.slice(0, 8).join(', ')} and ${pages.length - 8} more`
      : pages.join(', ');
  const message = `${manifest.id}: ${error.message}${pages.length > 0 ? `; damaged pages: ${list}` : ''}`;
  return new LifeboatError('backup_damaged', message, error.hint, {
    cause: error,
    facts: { pages, backup: manifest.id },
  });
}

function pagesOfFrame(manifest: Manifest, frame: number): number[] {
  const [from, to] = [
    (frame * FRAME_SIZE) / manifest.pageSize,
    ((frame + 1) * FRAME_SIZE) / manifest.pageSize,
  ];
  const pages: number[] = [];
  let index = 0;
  for (const [first, count] of storedRuns(manifest)) {
    for (let n = Math.max(0, from - index); n < Math.min(count, to - index); n += 1)
      pages.push(first + n);
    index += count;
  }
  return pages;
}
