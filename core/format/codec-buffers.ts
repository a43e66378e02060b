import { FRAME_SIZE } from './frames.ts';

/** Bytes that a frame of so many bytes takes at worst, compressed (ZSTD_compressBound). */
export function bufferSizeFor(bytes: number): number {
  return bytes + Math.ceil(bytes / 256) + (bytes < FRAME_SIZE ? 64 : 0);
}

const ROOM = bufferSizeFor(FRAME_SIZE);

/**
 * The buffers of one codec, which are used again: fresh memory for every frame costs as much as
 * compressing it.
 */
export function createBuffers() {
  const free: ArrayBuffer[] = [];
  const own = new WeakSet<ArrayBufferLike>();

  /** A buffer of ROOM bytes. */
  const take = (): ArrayBuffer => free.pop() ?? new ArrayBuffer(ROOM);
  const adopt = (buffer: ArrayBuffer): void => void own.add(buffer);
  const keep = (buffer: ArrayBuffer): void => {
    adopt(buffer);
    if (buffer.byteLength === ROOM) free.push(buffer);
  };

  return {
    take,
    adopt,
    keep,
    /** Keeps the buffer of these bytes if it is one of ours. */
    keepOwn: ({ buffer }: Uint8Array): void => {
      if (own.has(buffer)) keep(buffer as ArrayBuffer);
    },
    /** A buffer that begins with these bytes, to be moved to a thread: their own, or a copy. */
    lend: (bytes: Uint8Array): ArrayBuffer => {
      if (own.has(bytes.buffer) && bytes.byteOffset === 0) return bytes.buffer as ArrayBuffer;
      const buffer = bytes.length <= ROOM ? take() : new ArrayBuffer(bytes.length);
      new Uint8Array(buffer).set(bytes);
      return buffer;
    },
    /**
     * Takes back a buffer of ours. It is moved, so that a caller that still has the old one finds it
     * empty instead of reading another frame's bytes.
     */
    release: ({ buffer }: Uint8Array): void => {
      if (own.delete(buffer)) keep((buffer as ArrayBuffer).transfer());
    },
  };
}
