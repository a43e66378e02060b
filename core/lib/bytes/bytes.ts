// Bytes that arrive in pieces: collecting them up to a limit, reading a given number of them, and
// their CRC32C. A piece is valid until the next one is requested. Imports lib only.

import { LifeboatError } from '../errors.ts';
import { ENGLISH, formatSize } from '../text/format.ts';

/** How much of a body may be read, and what it is. */
export type ReadLimit = { readonly bytes: number; readonly subject: string };

/**
 * The whole of a small body. Throws `backup_damaged` as soon as it exceeds the limit: whoever can
 * write to a store must not be able to exhaust the memory of a reader. (`buffer` of
 * node:stream/consumers goes by way of a Blob, which takes several times as long.)
 */
export async function collect(body: AsyncIterable<Uint8Array>, limit?: ReadLimit): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (limit && size > limit.bytes) throw exceeding(limit);
    // The next piece may take its memory.
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}

/** The whole of a small body; `undefined` as soon as it has more than `most` bytes. */
export async function collectAtMost(
  body: AsyncIterable<Uint8Array>,
  most: number,
): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > most) return undefined;
    // The next piece may take its memory.
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts);
}

/** A body of one piece. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function exceeding({ bytes, subject }: ReadLimit): LifeboatError {
  return new LifeboatError(
    'backup_damaged',
    `${subject} is larger than ${formatSize(ENGLISH, bytes)}, more than Lifeboat ever writes there`,
    'Find out who wrote it, then delete it.',
  );
}
