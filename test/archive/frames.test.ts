import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressFrames, decompressFrames, FRAME_SIZE } from '../../core/archive/frames.ts';

const collect = async (input: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of input) parts.push(part);
  return Buffer.concat(parts);
};
const inPieces = async function* (bytes: Buffer, piece: number) {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
};
const text = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, n) => (n * 31 + (n >> 7)) & 0xff));

describe('frames', () => {
  test.each([0, 1, FRAME_SIZE - 1, FRAME_SIZE, FRAME_SIZE + 1, 3 * FRAME_SIZE + 7])(
    '%i bytes come back, however the stream is cut',
    async (length) => {
      const content = text(length);
      const stored = await collect(compressFrames(inPieces(content, 300_001)));
      expect((await collect(decompressFrames(inPieces(stored, 777)))).equals(content)).toBe(true);
      if (length > 0) expect(zstdDecompressSync(stored).equals(content)).toBe(true);
    },
  );

  test('any bytes in any pieces come back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 999 }), async (bytes, piece) => {
        const stored = await collect(compressFrames(inPieces(Buffer.from(bytes), piece)));
        expect(await collect(decompressFrames(inPieces(stored, piece)))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 30 },
    );
  });

  test('a flipped byte anywhere is damage, and never other content', async () => {
    const content = text(4000);
    const stored = await collect(compressFrames(inPieces(content, 4000)));
    for (let at = 0; at < stored.length; at += 1) {
      const flipped = Buffer.from(stored);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0xff, at);
      await expect(collect(decompressFrames(inPieces(flipped, 4000)))).rejects.toMatchObject({
        code: 'backup_damaged',
        facts: { frame: 0 },
      });
    }
  });

  test('a stream cut off inside a frame is damage', async () => {
    const stored = await collect(compressFrames(inPieces(text(9000), 4000)));
    await expect(collect(decompressFrames(inPieces(stored.subarray(0, -1), 100)))).rejects.toMatchObject({ code: 'backup_damaged' });
  });
});
