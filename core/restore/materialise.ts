import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { decrypt } from '../format/encryption.ts';
import { createCodec } from '../format/codec.ts';
import { decompressFrames, FRAME_SIZE, type Codec } from '../format/frames.ts';
import type { Manifest } from '../format/manifest.ts';
import { mergeLayers } from '../format/merge.ts';
import type { DamageFinder } from '../catalog/damage.ts';
import { getObject } from '../catalog/objects.ts';
import type { PageRun } from '../format/pages.ts';
import { LifeboatError } from '../lib/errors.ts';
import { writeAll } from '../lib/files.ts';
import type { Context } from '../context.ts';
import type { Progress } from '../lib/progress.ts';
import { recordExaminations } from '../state/damage.ts';

export type MaterialiseOptions = {
  /** The operation, for the record of damage. */
  readonly by: DamageFinder;
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

const DAMAGED_CHAIN_HINT =
  'Restore another backup with --at, and run `lifeboat verify --read-data` on this one.';

/**
 * The bytes of the chain's last snapshot, from first to last. Throws `backup_damaged` unless they
 * are byte for byte the snapshot, which is known only at the end. A piece is valid until the next
 * one is requested.
 */
export async function* readSnapshot(
  context: Context,
  chain: readonly Manifest[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const last = chain.at(-1);
  if (!last) throw new LifeboatError('internal', 'an empty chain', 'Please report this.');
  const sha = createHash('sha256');
  await using codec = createCodec();
  // Increments are small: one frame ahead each keeps a long chain within the memory of a short one.
  const layers = chain.map((manifest, at) => ({
    runs: storedRuns(manifest),
    body: content(context, manifest, codec, at === 0 ? 6 : 1),
  }));
  const pieces = mergeLayers(layers, last, (layer, error) => blame(chain[layer] ?? last, error));
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    sha.update(piece);
    yield piece;
  }
  if (sha.digest('hex') !== last.sha256)
    throw new LifeboatError(
      'backup_damaged',
      `the restored file of ${last.id} has a different SHA-256 than the snapshot`,
      DAMAGED_CHAIN_HINT,
    );
}

/** Writes the snapshot of the chain's last backup to `path`, which must not exist. */
export async function materialise(
  context: Context,
  chain: readonly Manifest[],
  path: string,
  options: MaterialiseOptions,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await writeSnapshot(context, chain, file, options);
}

/**
 * Writes the snapshot of the chain's last backup to an empty file. The file is not yet durable: the
 * caller syncs it, or removes it. Throws `backup_damaged` unless it is byte for byte the snapshot.
 */
export async function writeSnapshot(
  context: Context,
  chain: readonly Manifest[],
  file: FileHandle,
  options: MaterialiseOptions,
): Promise<void> {
  try {
    await writePieces(context, chain, file, options);
  } catch (error) {
    await recordDamage(context, chain, options.by, error);
    throw error;
  }
}

async function writePieces(
  context: Context,
  chain: readonly Manifest[],
  file: FileHandle,
  { onProgress, signal }: MaterialiseOptions,
): Promise<void> {
  const writer = createWriter(file);
  const total = chain.at(-1)?.size ?? 0;
  let bytes = 0;
  for await (const piece of readSnapshot(context, chain, signal)) {
    await writer.write(piece);
    onProgress?.('restore', (bytes += piece.length), total);
  }
  await writer.finish();
}

/** Damage is recorded for the backup whose data is damaged, so that no backup builds on it. */
async function recordDamage(
  context: Context,
  chain: readonly Manifest[],
  by: DamageFinder,
  error: unknown,
): Promise<void> {
  const last = chain.at(-1);
  if (!last || !(error instanceof LifeboatError) || error.code !== 'backup_damaged') return;
  const { backup = last.id } = error.facts;
  const examination = { problems: [error.message], restores: false, decoded: true };
  await recordExaminations(context, last.database, by, [{ ...examination, id: String(backup) }]);
}

/** The runs of pages in a backup's data. */
function storedRuns({ pages, pageCount }: Manifest): readonly PageRun[] {
  return pages ?? (pageCount > 0 ? [[1, pageCount]] : []);
}

function content(
  context: Context,
  manifest: Manifest,
  codec: Codec,
  ahead: number,
): AsyncIterable<Uint8Array> {
  const object = manifest.objects.find(({ role }) => role === 'data');
  if (!object)
    throw new LifeboatError('backup_damaged', `${manifest.id} names no data`, DAMAGED_CHAIN_HINT);
  const body = getObject(context.store, object);
  return decompressFrames(
    manifest.encryption ? decrypt(body, context.keys.identities) : body,
    codec,
    ahead,
  );
}

/** Adds to a damage error the backup it is about and, where known, the damaged pages. */
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

/**
 * Collects pieces into blocks of a frame's size; two blocks are being written while the next is
 * filled.
 */
function createWriter(file: FileHandle) {
  const pending: Promise<Buffer<ArrayBuffer>>[] = [];
  let block = Buffer.allocUnsafe(FRAME_SIZE);
  let fill = 0;
  let position = 0;
  const flush = async (): Promise<void> => {
    const full = block;
    const write = writeAll(file, full.subarray(0, fill), position).then(() => full);
    // Awaited later: without this a failure would count as unhandled until then.
    write.catch(() => undefined);
    position += fill;
    fill = 0;
    block =
      (pending.push(write) > 2 ? await pending.shift() : undefined) ??
      Buffer.allocUnsafe(FRAME_SIZE);
  };
  return {
    write: async (piece: Uint8Array): Promise<void> => {
      for (let at = 0; at < piece.length;) {
        const length = Math.min(FRAME_SIZE - fill, piece.length - at);
        block.set(piece.subarray(at, at + length), fill);
        fill += length;
        at += length;
        if (fill === FRAME_SIZE) await flush();
      }
    },
    finish: async (): Promise<void> => {
      await flush();
      await Promise.all(pending);
    },
  };
}
