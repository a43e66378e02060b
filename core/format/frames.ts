import { isOutOfMemory, LifeboatError } from '../lib/errors.ts';

/** Input bytes of one zstd frame; the last may be shorter. */
export const FRAME_SIZE = 1 << 20;
export const DAMAGED_CHAIN_HINT =
  'Restore another backup with --at, and check this one with `lifeboat verify --read-data`.';
/** Frames under way at once: enough for every core, and a bound on memory. */
export const AHEAD = 6;

/**
 * What makes a frame of a chunk, and a chunk of a frame, both of FRAME_SIZE at most uncompressed.
 * Rejects when a frame does not decode, and with an error that says so when a thread or memory fails.
 */
export type Codec = {
  /**
   * A buffer of FRAME_SIZE bytes, which is the codec's again once it, or its beginning, was given
   * to `compress`.
   */
  allocate(): Buffer;
  compress(chunk: Uint8Array): Promise<Uint8Array>;
  /** Has read the frame when it returns. */
  decompress(frame: Uint8Array): Promise<Uint8Array>;
  /** Gives back what `compress` or `decompress` gave: the next call may write over it. */
  release(bytes: Uint8Array): void;
};

/**
 * Independent zstd frames (RFC 8878, with content checksum) of the input, in order; `zstd -d` reads
 * their concatenation. Each is valid until the next one is requested.
 */
export function compressFrames(
  input: AsyncIterable<Uint8Array>,
  codec: Codec,
): AsyncIterable<Uint8Array> {
  return ordered(rechunk(input), AHEAD, codec, (part) => codec.compress(part));
}

export type DecompressOptions = {
  /** Frames under way at once. */
  readonly ahead?: number;
  /** Bytes of the whole content, which say how long each frame must be. */
  readonly size?: number;
};

/**
 * The content of a sequence of frames as written by `compressFrames`. Throws `backup_damaged` with
 * the fact `frame` (from 0), and what the codec throws for a reason of its own. Each chunk is valid until the next one is requested.
 */
export function decompressFrames(
  input: AsyncIterable<Uint8Array>,
  codec: Codec,
  { ahead = AHEAD, size }: DecompressOptions = {},
): AsyncIterable<Uint8Array> {
  return ordered(
    splitFrames(input, Math.min(4, ahead + 1) * FRAME_SIZE),
    ahead,
    codec,
    async ({ frame, bytes }) => {
      const content = await codec.decompress(bytes).catch((cause: unknown) => {
        throw isAboutFrame(cause) ? damagedFrame(frame, 'does not decompress', cause) : cause;
      });
      // What is beyond the size is for the reader of the whole to refuse.
      const expected = size === undefined ? content.length : frameSize(frame, size);
      if (expected <= 0 || content.length === expected) return content;
      const { length } = content;
      codec.release(content);
      throw damagedFrame(frame, `has ${length} bytes instead of ${expected}`);
    },
  );
}

/** Not when a thread ended or memory was short: a sound backup must not count as damaged then. */
function isAboutFrame(error: unknown): boolean {
  const isOther = error instanceof LifeboatError && error.code !== 'backup_damaged';
  return !isOther && !isOutOfMemory(error);
}

/** Bytes of a frame, decompressed, of content of so many bytes; none or less beyond its end. */
export function frameSize(frame: number, total: number): number {
  return Math.min(FRAME_SIZE, total - frame * FRAME_SIZE);
}

/**
 * Maps in order with a few calls under way at once, so that all cores work while memory stays
 * bounded. A result is released when the next one is requested.
 */
async function* ordered<A>(
  input: AsyncIterable<A>,
  ahead: number,
  codec: Codec,
  work: (item: A) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const queue: Promise<Uint8Array>[] = [];
  let failure: { error: unknown } | undefined;
  const next = async function* () {
    const result = await queue.shift();
    if (!result) return;
    yield result;
    codec.release(result);
  };
  try {
    for await (const item of input) {
      const job = work(item);
      // The failure is met when the job's turn comes; without this it would be unhandled until
      // then.
      job.catch(() => undefined);
      queue.push(job);
      if (queue.length >= ahead) yield* next();
    }
  } catch (error) {
    failure = { error };
  }
  // What was begun before the input failed comes first: a frame that does not decode says more than
  // a sum that does not fit.
  while (queue.length > 0) yield* next();
  if (failure) throw failure.error;
}

/** Chunks of exactly FRAME_SIZE bytes, the last shorter. */
async function* rechunk(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (let chunk of input) {
    while (length + chunk.length >= FRAME_SIZE) {
      const take = FRAME_SIZE - length;
      const whole =
        parts.length > 0
          ? Buffer.concat([...parts, chunk.subarray(0, take)])
          : chunk.subarray(0, take);
      // Cut before the first part is given away: its buffer may be gone then.
      chunk = chunk.subarray(take);
      parts = [];
      length = 0;
      yield whole;
    }
    if (chunk.length > 0) {
      // Copied, because the producer may reuse its buffer before this frame is full.
      parts.push(Buffer.from(chunk));
      length += chunk.length;
    }
  }
  if (length > 0) yield Buffer.concat(parts);
}

/** A zstd frame as it is stored; the first has the number 0. */
export type StoredFrame = { readonly frame: number; readonly bytes: Buffer };

/**
 * The frames of stored data, not decompressed. Throws `backup_damaged` with the fact `frame` for
 * what is no frame. A frame is valid until the next one is requested. `size` is the memory for what
 * has arrived, in bytes; only a longer frame takes more.
 */
export async function* splitFrames(
  input: AsyncIterable<Uint8Array>,
  size = 4 * FRAME_SIZE,
): AsyncGenerator<StoredFrame> {
  // The same memory for all frames: fresh memory would cost as much as the copying. What arrives
  // in small pieces, as the increments of small databases do, gets little of it.
  let slab = Buffer.alloc(0);
  let [start, end, frame] = [0, 0, 0];
  for await (const chunk of input) {
    if (end + chunk.length > slab.length) {
      const rest = slab.subarray(start, end);
      const needed = rest.length + chunk.length;
      if (needed > slab.length)
        slab = Buffer.allocUnsafe(Math.max(needed, Math.min(size, 4 * needed)));
      slab.set(rest);
      [start, end] = [0, rest.length];
    }
    slab.set(chunk, end);
    end += chunk.length;
    for (let length = frameLength(slab.subarray(start, end), frame); length !== undefined;) {
      yield { frame, bytes: slab.subarray(start, start + length) };
      start += length;
      frame += 1;
      length = frameLength(slab.subarray(start, end), frame);
    }
  }
  if (end > start) throw damagedFrame(frame, 'is cut off');
}

/**
 * Length of the first frame in the buffer, `undefined` when more bytes are needed. RFC 8878,
 * section 3.1.1.
 */
function frameLength(bytes: Buffer, frame: number): number | undefined {
  if (bytes.length < 6) return undefined;
  if (bytes.readUInt32LE(0) !== 0xfd2fb528) throw damagedFrame(frame, 'is not a zstd frame');
  const descriptor = bytes.readUInt8(4);
  const single = (descriptor >> 5) & 1;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const content = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  let offset = 5 + (1 - single) + dictionary + content;
  for (;;) {
    if (offset + 3 > bytes.length) return undefined;
    const header = bytes.readUIntLE(offset, 3);
    const type = (header >> 1) & 3;
    if (type === 3) throw damagedFrame(frame, 'has a block of unknown type');
    offset += 3 + (type === 1 ? 1 : header >> 3);
    if (offset > 2 * FRAME_SIZE) throw damagedFrame(frame, 'is too long');
    if ((header & 1) === 1) break;
  }
  const end = offset + (((descriptor >> 2) & 1) === 1 ? 4 : 0);
  return end <= bytes.length ? end : undefined;
}

/** The error of a stored frame that is not what was written; it names the frame as a fact. */
export function damagedFrame(frame: number, what: string, cause?: unknown): LifeboatError {
  return new LifeboatError(
    'backup_damaged',
    `frame ${frame} of the stored data ${what}`,
    DAMAGED_CHAIN_HINT,
    {
      cause,
      facts: { frame },
    },
  );
}
