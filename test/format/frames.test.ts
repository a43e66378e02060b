import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { compressNow, createCodec, decompressNow } from '../../core/format/codec.ts';
import {
  compressFrames,
  decompressFrames,
  FRAME_SIZE,
  type Codec,
} from '../../core/format/frames.ts';
import { LifeboatError, toLifeboatError } from '../../core/lib/errors.ts';

const collect = async (input: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  // A part is good only until the next is asked for.
  for await (const part of input) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
};
const inPieces = async function* (bytes: Buffer, piece: number) {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
};
const text = (length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let n = 0; n < length; n += 1) bytes[n] = n * 31 + (n >> 7);
  return bytes;
};

const codec = createCodec(2);
afterAll(() => codec[Symbol.asyncDispose]());

describe('frames', () => {
  test.each([
    0,
    1,
    FRAME_SIZE - 1,
    FRAME_SIZE,
    FRAME_SIZE + 1,
    3 * FRAME_SIZE + 7,
    20 * FRAME_SIZE + 3,
  ])('%i bytes come back, however the stream is cut', async (length) => {
    const content = text(length);
    const stored = await collect(compressFrames(inPieces(content, 300_001), codec));
    expect((await collect(decompressFrames(inPieces(stored, 777), codec))).equals(content)).toBe(
      true,
    );
    if (length > 0) expect(zstdDecompressSync(stored).equals(content)).toBe(true);
  });

  test("data in the codec's own buffers comes back unchanged", async () => {
    const content = text(9 * FRAME_SIZE + 5);
    const lent = async function* () {
      for (let at = 0; at < content.length; at += FRAME_SIZE) {
        const buffer = codec.allocate();
        yield buffer.subarray(0, content.copy(buffer, 0, at));
      }
    };
    const stored = await collect(compressFrames(lent(), codec));
    expect(zstdDecompressSync(stored).equals(content)).toBe(true);
  });

  test('any bytes in any pieces come back unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 999 }),
        async (bytes, piece) => {
          const stored = await collect(compressFrames(inPieces(Buffer.from(bytes), piece), codec));
          expect(await collect(decompressFrames(inPieces(stored, piece), codec))).toEqual(
            Buffer.from(bytes),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a flipped byte is reported as damage and never decodes to other content', async () => {
    const content = text(4000);
    const stored = await collect(compressFrames(inPieces(content, 4000), codec));
    for (let at = 0; at < stored.length; at += 1) {
      const flipped = Buffer.from(stored);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0xff, at);
      await expect(collect(decompressFrames(inPieces(flipped, 4000), codec))).rejects.toMatchObject(
        {
          code: 'backup_damaged',
          facts: { frame: 0 },
        },
      );
    }
  });

  test('a stream cut off inside a frame is damage', async () => {
    const stored = await collect(compressFrames(inPieces(text(9000), 4000), codec));
    await expect(
      collect(decompressFrames(inPieces(stored.subarray(0, -1), 100), codec)),
    ).rejects.toMatchObject({ code: 'backup_damaged' });
  });
});

describe('a codec that fails', () => {
  const failing = (error: Error): Codec => ({ ...codec, decompress: () => Promise.reject(error) });
  const decompressWith = async (error: Error) => {
    const stored = await collect(compressFrames(inPieces(text(9000), 4000), codec));
    return collect(decompressFrames(inPieces(stored, 4000), failing(error)));
  };

  test.each<[string, Error]>([
    ['because a thread ended', new LifeboatError('internal', 'a worker thread ended', 'Again.')],
    ['for want of memory', new RangeError('Array buffer allocation failed')],
    ['for want of memory in a thread', Object.assign(new Error('no'), { code: 'ENOMEM' })],
  ])('%s does not make the backup damaged', async (_, error) => {
    await expect(decompressWith(error)).rejects.toBe(error);
  });

  test.each([
    new RangeError('Array buffer allocation failed'),
    Object.assign(new Error('no'), { code: 'ENOMEM' }),
    Object.assign(new Error('no'), { code: 'ZSTD_error_memory_allocation' }),
  ])('for want of memory says so: %s', (error) => {
    expect(toLifeboatError(error)).toMatchObject({
      code: 'insufficient_space',
      message: 'out of memory',
    });
  });

  test('over the frame makes the backup damaged', async () => {
    const error = Object.assign(new RangeError('too large'), { code: 'ERR_BUFFER_TOO_LARGE' });
    await expect(decompressWith(error)).rejects.toMatchObject({ code: 'backup_damaged' });
  });

  test('because its threads are gone leaves the backup sound', async () => {
    const own = createCodec(1);
    const stored = await collect(compressFrames(inPieces(text(9000), 4000), own));
    for (let n = 0; n < 8; n += 1) await own.compress(Buffer.alloc(9));
    await own[Symbol.asyncDispose]();
    await expect(collect(decompressFrames(inPieces(stored, 4000), own))).rejects.toMatchObject({
      code: 'internal',
    });
  });
});

describe('the codec', () => {
  test('decompresses a frame of which a wrong size is expected', () => {
    for (const size of [-5000, 0, 1])
      expect(Buffer.from(decompressNow(compressNow(Buffer.from('abc')), size))).toEqual(
        Buffer.from('abc'),
      );
  });

  test("gives the buffers that it lent to whoever asks next, and takes nobody else's", async () => {
    await using own = createCodec(1);
    const foreign = Buffer.from(new ArrayBuffer(FRAME_SIZE));
    for (let n = 0; n < 12; n += 1) {
      const lent = own.allocate();
      lent.fill(n);
      expect(zstdDecompressSync(await own.compress(lent)).equals(Buffer.alloc(FRAME_SIZE, n))).toBe(
        true,
      );
      await own.compress(foreign);
    }
    expect(foreign.length).toBe(FRAME_SIZE);
  });

  test('takes back a released buffer and leaves the caller an empty one', async () => {
    await using own = createCodec(1);
    for (let n = 0; n < 4; n += 1) await own.compress(Buffer.alloc(1, n));
    const kept = await own.compress(Buffer.alloc(9, 9));
    expect(zstdDecompressSync(kept)).toEqual(Buffer.alloc(9, 9));
    own.release(kept);
    expect(kept.length).toBe(0);
    own.release(kept);
    own.release(Buffer.from('not of the codec'));
    const [first, second] = [own.allocate(), own.allocate()];
    expect(first.buffer).not.toBe(second.buffer);
  });

  test('rejects pending calls when it is disposed of, and nothing hangs', async () => {
    const own = createCodec(1);
    const jobs = Array.from({ length: 12 }, () => own.compress(own.allocate()));
    const ends = Promise.allSettled(jobs);
    await Promise.all(jobs.slice(0, 4));
    await own[Symbol.asyncDispose]();
    expect((await ends).some(({ status }) => status === 'rejected')).toBe(true);
    await expect(own.compress(Buffer.alloc(9))).rejects.toMatchObject({ code: 'internal' });
  });

  test('rejects an invalid frame, on this thread and on another, and keeps working', async () => {
    await using own = createCodec(1);
    for (let n = 0; n < 8; n += 1)
      await expect(own.decompress(Buffer.from('not zstd'))).rejects.toThrow();
    expect(
      Buffer.from(await own.decompress(await own.compress(Buffer.from('abc')))).toString(),
    ).toBe('abc');
  });
});
