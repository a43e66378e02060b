import { decompressNow, giveBack } from '../format/codec.ts';
import { fingerprints } from '../format/pages.ts';

export type PrintTask = {
  /** Bytes that the frame must have when it is decompressed. */
  readonly size: number;
  readonly pageSize: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array | undefined;
};

/** The fingerprints of the pages in a frame; a text when the frame is not what it must be. */
export function printFrame(
  frame: Uint8Array,
  { size, pageSize, salt, key }: PrintTask,
): Uint8Array | string {
  let content: Uint8Array<ArrayBuffer>;
  try {
    content = decompressNow(frame);
  } catch {
    return 'does not decompress';
  }
  const { length } = content;
  const prints =
    length === size
      ? fingerprints(content, pageSize, Buffer.from(salt), key && Buffer.from(key))
      : `has ${length} bytes instead of ${size}`;
  giveBack(content);
  return prints;
}
