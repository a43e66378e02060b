import type { FileHandle } from 'node:fs/promises';
import { writeAll } from '../../lib/files/files.ts';

const BLOCK_SIZE = 2 ** 20;

/** Copies the bytes of a file into an empty one, from their beginnings. Both stay open. */
export async function copyBytes(
  from: FileHandle,
  to: FileHandle,
  signal?: AbortSignal,
): Promise<void> {
  const block = Buffer.allocUnsafe(BLOCK_SIZE);
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await from.read(block, 0, block.length, position);
    if (bytesRead === 0) return;
    await writeAll(to, block.subarray(0, bytesRead), position);
    position += bytesRead;
  }
}
