/** Reads a stream by numbers of bytes. */
export type ByteReader = AsyncDisposable & {
  /**
   * The next bytes: so many, or fewer at the end of the stream. They are valid until the next call:
   * new memory for each would keep the garbage collector busy.
   */
  take(bytes: number): Promise<Buffer>;
  skip(bytes: number): Promise<void>;
  /** Reads to the end: some streams fail only there. */
  finish(): Promise<void>;
};

export function createByteReader(body: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = body[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array();
  let isDone = false;
  let block = Buffer.alloc(0);
  /** The next 1 to `most` bytes, or none at the end. */
  const next = async (most: number): Promise<Uint8Array> => {
    while (chunk.length === 0 && !isDone) {
      const step = await iterator.next();
      isDone = step.done === true;
      if (step.done !== true) chunk = step.value;
    }
    const piece = chunk.subarray(0, most);
    chunk = chunk.subarray(piece.length);
    return piece;
  };
  const skip = async (bytes: number): Promise<void> => {
    for (let rest = bytes; rest > 0;) {
      const { length } = await next(rest);
      if (length === 0) return;
      rest -= length;
    }
  };
  return {
    take: async (bytes) => {
      if (block.length < bytes) block = Buffer.allocUnsafe(bytes);
      let length = 0;
      while (length < bytes) {
        const piece = await next(bytes - length);
        if (piece.length === 0) break;
        block.set(piece, length);
        length += piece.length;
      }
      return block.subarray(0, length);
    },
    skip,
    finish: () => skip(Infinity),
    [Symbol.asyncDispose]: async () => void (await iterator.return?.()),
  };
}
