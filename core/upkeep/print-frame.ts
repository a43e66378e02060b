import { decompressNow, giveBack } from '../format/codec.ts';
import { isOutOfMemory } from '../lib/errors.ts';
import { fingerprints, type Fingerprinting, type PageRun } from '../format/pages.ts';

export type PrintTask = {
  /** Bytes that the frame must have when it is decompressed. */
  readonly size: number;
  /** The pages in it. */
  readonly runs: readonly PageRun[];
  readonly fingerprinting: Fingerprinting;
};

/** In a form that travels between threads. */
export type PrintReply = Uint8Array | string | null;

/**
 * The fingerprints of the pages in a frame; a text when the frame is not what it must be, and null
 * when the machine lacked memory, which says nothing about the frame.
 */
export function printFrame(
  frame: Uint8Array,
  { size, runs, fingerprinting }: PrintTask,
): PrintReply {
  let content: Uint8Array<ArrayBuffer>;
  try {
    content = decompressNow(frame, size);
  } catch (error) {
    return isOutOfMemory(error) ? null : 'does not decompress';
  }
  const { length } = content;
  const prints =
    length === size
      ? fingerprints(content, runs, fingerprinting)
      : `has ${length} bytes instead of ${size}`;
  giveBack(content);
  return prints;
}
