import { createHash } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { FRAME_SIZE } from '../format/frames.ts';
import { fingerprints } from '../format/pages.ts';
import type { Digest, DigestInput } from './digest.ts';

const { path, pageSize, salt, key } = workerData as DigestInput;
const file = openSync(path, 'r');
const chunk = Buffer.allocUnsafe(FRAME_SIZE);
const sha = createHash('sha256');
const prints: Buffer[] = [];
for (let at = 0; ;) {
  let length = 0;
  // A short read in the middle of the file would cut a page in two.
  for (let read = -1; read !== 0 && length < chunk.length; length += read)
    read = readSync(file, chunk, length, chunk.length - length, at + length);
  if (length === 0) break;
  const bytes = chunk.subarray(0, length - (length % pageSize));
  sha.update(chunk.subarray(0, length));
  prints.push(fingerprints(bytes, pageSize, Buffer.from(salt), key && Buffer.from(key)));
  at += length;
  parentPort?.postMessage(at);
}
parentPort?.postMessage({
  sha256: sha.digest('hex'),
  prints: Buffer.concat(prints),
} satisfies Digest);
