import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compressNow } from '../../core/format/codec.ts';
import { FRAME_SIZE } from '../../core/format/frames.ts';
import type { PageRun } from '../../core/format/pages.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { createFileDigest } from '../../core/restore/write/file-digest.ts';
import type { StoredLayer } from '../../core/restore/stored-layer.ts';
import { writeLayers } from '../../core/restore/write/write-layers.ts';
import { folder, sha256 } from '../support/files.ts';

const PAGE = 4096;
/** A frame that inflates to more than any that is written. */
const BOMB = zstdCompressSync(Buffer.alloc(3 * FRAME_SIZE));

type Stored = { readonly runs: readonly PageRun[]; readonly frames: readonly Uint8Array[] };

describe('the layers of a chain', () => {
  test('leave each page as the newest layer has it, and what counts as complete stays so', async () => {
    const base = { runs: [[1, 400]] as PageRun[], data: randomBytes(400 * PAGE) };
    const runs = fc
      .uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 60 })
      .map((pages) => toRuns(pages.sort((a, b) => a - b)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(runs, { maxLength: 3 }),
        fc.integer({ min: 1, max: 400 }),
        async (increments, pageCount) => {
          const layers = [
            base,
            ...increments.map((each) => ({ runs: each, data: randomBytes(countOf(each) * PAGE) })),
          ];
          const { path, completed } = await writeAll(layers.map(store), pageCount);
          const expected = applied(layers).subarray(0, pageCount * PAGE);
          expect(readFileSync(path).equals(expected)).toBe(true);
          for (const { complete, bytes } of completed)
            expect(bytes.equals(expected.subarray(0, complete))).toBe(true);
        },
      ),
      { numRuns: 5 },
    );
  });

  test('give a digest that follows the writing, and is that of the whole file', async () => {
    const layers = [
      { runs: [[1, 300]] as PageRun[], data: randomBytes(300 * PAGE) },
      { runs: [[2, 40]] as PageRun[], data: randomBytes(40 * PAGE) },
    ];
    const path = join(folder(), 'file');
    await using file = await open(path, 'wx+');
    const digest = createFileDigest(file.fd);
    for await (const complete of writeLayers(file.fd, layers.map(store).map(toLayer), shape(300)))
      digest.readTo(complete);
    expect(digest.finish()).toBe(sha256(path));
  });
});

// Frame 1 is written by the first thread, frame 5 by another one.
describe.each([1, 5])('a damaged layer whose frame %i', (frame) => {
  const pages = (7 * FRAME_SIZE) / PAGE;
  const whole = store({ runs: [[1, pages]], data: randomBytes(7 * FRAME_SIZE) });
  const damagedBy = (replace: (bytes: Uint8Array) => Uint8Array | undefined): Stored => ({
    ...whole,
    frames: whole.frames.flatMap((bytes, at) => (at === frame ? (replace(bytes) ?? []) : [bytes])),
  });

  test.each<[string, RegExp, (bytes: Uint8Array) => Uint8Array | undefined]>([
    ['has a flipped bit', /frame \d of the stored data does not decompress/, flipped],
    ['is far too long', /frame \d of the stored data does not decompress/, () => BOMB],
    ['is too short', /has 1000 bytes instead of 1048576/, () => compressNow(new Uint8Array(1000))],
    ['is missing', /the stored data is shorter than the manifest says/, () => undefined],
    [
      'is there twice',
      /the stored data is longer than the manifest says/,
      (bytes) => Buffer.concat([bytes, bytes]),
    ],
  ])('%s ends with the layer named', async (_, message, replace) => {
    await expect(writeAll([damagedBy(replace)], pages)).rejects.toMatchObject({
      code: 'backup_damaged',
      message: expect.stringMatching(message),
      facts: { layer: 0 },
    });
  });
});

test('a frame that does not decode is reported before a stream that fails after it', async () => {
  const { runs, frames } = store({ runs: [[1, 1600]], data: randomBytes(1600 * PAGE) });
  const failing = {
    runs,
    blame: (error: unknown) => error,
    body: async function* () {
      yield* frames.map((bytes, at) => (at === 5 ? flipped(bytes) : bytes));
      throw new Error('the sum of the object is wrong');
    },
  };
  await using file = await open(join(folder(), 'file'), 'wx+');
  await expect(consume(writeLayers(file.fd, [failing], shape(1600)))).rejects.toMatchObject({
    code: 'backup_damaged',
  });
});

test('a file that cannot be written to keeps the code of the system', async () => {
  const path = join(folder(), 'file');
  await using file = await open(path, 'wx+');
  await using readOnly = await open(path, 'r');
  const layer = toLayer(store({ runs: [[1, 1600]], data: randomBytes(1600 * PAGE) }));
  await expect(consume(writeLayers(readOnly.fd, [layer], shape(1600)))).rejects.toMatchObject({
    code: 'EBADF',
  });
  expect((await file.stat()).size).toBe(0);
});

function shape(pageCount: number) {
  return { pageSize: PAGE, pageCount };
}

function store({ runs, data }: { runs: readonly PageRun[]; data: Buffer }): Stored {
  const frames = Array.from({ length: Math.ceil(data.length / FRAME_SIZE) }, (_, n) =>
    compressNow(data.subarray(n * FRAME_SIZE, (n + 1) * FRAME_SIZE)),
  );
  return { runs, frames };
}

function toLayer({ runs, frames }: Stored, layer = 0): StoredLayer {
  return {
    runs,
    body: async function* () {
      yield* frames;
    },
    blame: (error) =>
      error instanceof LifeboatError
        ? new LifeboatError(error.code, error.message, error.hint, { facts: { layer } })
        : error,
  };
}

async function writeAll(stored: readonly Stored[], pageCount: number) {
  const path = join(folder(), 'file');
  await using file = await open(path, 'wx+');
  const completed: { complete: number; bytes: Buffer }[] = [];
  for await (const complete of writeLayers(file.fd, stored.map(toLayer), shape(pageCount)))
    completed.push({ complete, bytes: readFileSync(path).subarray(0, complete) });
  return { path, completed };
}

async function consume(input: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of input);
}

function applied(layers: readonly { runs: readonly PageRun[]; data: Buffer }[]): Buffer {
  const result = Buffer.alloc(400 * PAGE);
  for (const { runs, data } of layers) {
    let at = 0;
    for (const [first, count] of runs) {
      data.copy(result, (first - 1) * PAGE, at, at + count * PAGE);
      at += count * PAGE;
    }
  }
  return result;
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.length - 200) ^ 1, copy.length - 200);
  return copy;
}

function countOf(runs: readonly PageRun[]): number {
  return runs.reduce((sum, [, count]) => sum + count, 0);
}

function toRuns(pages: readonly number[]): PageRun[] {
  const runs: [number, number][] = [];
  for (const page of pages) {
    const last = runs.at(-1);
    if (last && last[0] + last[1] === page) last[1] += 1;
    else runs.push([page, 1]);
  }
  return runs;
}
