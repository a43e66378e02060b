import type { FileHandle } from 'node:fs/promises';

/**
 * The content of an open file from its beginning, in pieces of at most so many bytes. A piece is
 * valid until the next one is requested. The caller closes the file.
 *
 * Two blocks of memory take turns: one is read into while the consumer works on the other. A stream
 * of Node takes new memory for each piece, which cost more than reading and SHA-256 together
 * (docs/decisions/memory-use.md).
 */
export async function* filePieces(file: FileHandle, bytes: number): AsyncGenerator<Uint8Array> {
  let [block, spare] = [Buffer.allocUnsafe(bytes), Buffer.allocUnsafe(bytes)];
  let position = 0;
  let reading = file.read(block, 0, bytes, 0);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      position += bytesRead;
      const piece = block.subarray(0, bytesRead);
      [block, spare] = [spare, block];
      reading = file.read(block, 0, bytes, position);
      // A failure is met when its turn comes; without this it would be unhandled until then.
      reading.catch(() => undefined);
      yield piece;
    }
  } finally {
    // The file may be closed, and the memory used for something else, only when nothing is read.
    await reading.catch(() => undefined);
  }
}
