import { decompressNow, giveBack } from '../../format/codec.ts';
import { isOutOfMemory, systemCode } from '../../lib/errors.ts';
import { writeAllSync } from '../../lib/files/files.ts';
import type { FrameWrite } from './frame-writes.ts';

export type FrameTask = {
  /** The descriptor of an open file, which all threads share. */
  readonly file: number;
  /** Bytes that the frame must have when it is decompressed. */
  readonly size: number;
  readonly writes: readonly FrameWrite[];
};

/** Why a frame was not written, in a form that travels between threads. */
export type FrameFault =
  | { readonly about: 'frame'; readonly what: string }
  | { readonly about: 'file'; readonly message: string; readonly code: string | undefined };

/**
 * Decompresses a frame and writes its parts to their places in an open file. Writes nothing of a
 * frame that has another size than it must have: its parts would be in the wrong places.
 */
export function writeFrame(
  frame: Uint8Array,
  { file, size, writes }: FrameTask,
): FrameFault | undefined {
  let content: Uint8Array<ArrayBuffer>;
  try {
    content = decompressNow(frame, size);
  } catch (error) {
    // A machine without memory says nothing about the frame.
    if (!isOutOfMemory(error)) return { about: 'frame', what: 'does not decompress' };
    return { about: 'file', message: 'out of memory', code: 'ENOMEM' };
  }
  try {
    if (content.length !== size)
      return { about: 'frame', what: `has ${content.length} bytes instead of ${size}` };
    for (const { from, length, to } of writes)
      writeAllSync(file, content.subarray(from, from + length), to);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { about: 'file', message, code: systemCode(error) };
  } finally {
    giveBack(content);
  }
}
