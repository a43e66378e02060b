import type { ServerResponse } from 'node:http';
import type { FakeBucket } from './bucket.ts';
import { ApiFault, type Fault } from './types.ts';

/** The content of an object, with the headers of the real one, and the fault applied to its bytes. */
export async function sendMedia(
  bucket: FakeBucket,
  name: string,
  query: URLSearchParams,
  range: string,
  res: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const { meta, body } = bucket.find(name);
  const generation = query.get('generation');
  if (generation !== null && generation !== meta.generation)
    throw new ApiFault(404, 'notFound', `No such object: ${bucket.name}/${name}#${generation}`);
  const start = Number(/^bytes=(\d+)-/.exec(range)?.[1] ?? 0);
  if (range !== '' && start >= meta.size)
    throw new ApiFault(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable');
  const bytes = body.read(start);
  res.writeHead(range === '' ? 200 : 206, {
    'content-type': meta.contentType,
    'content-length': String(meta.size - start),
    ...(range === '' ? {} : { 'content-range': `bytes ${start}-${meta.size - 1}/${meta.size}` }),
    ...(fault?.type === 'forgetful'
      ? {}
      : {
          'x-goog-generation': meta.generation,
          'x-goog-metageneration': meta.metageneration,
          'x-goog-hash': [
            `crc32c=${meta.crc32c}`,
            ...(meta.md5Hash === undefined ? [] : [`md5=${meta.md5Hash}`]),
          ].join(','),
          'x-goog-stored-content-encoding': 'identity',
          'x-goog-stored-content-length': String(meta.size),
        }),
  });
  let sent = 0;
  const limit =
    fault?.type === 'cut' ? fault.after : fault?.type === 'stall' ? (fault.after ?? 0) : Infinity;
  res.flushHeaders();
  for await (const chunk of bytes) {
    if (res.destroyed) return;
    let piece = Buffer.from(chunk.subarray(0, Math.max(0, limit - sent)));
    const at = fault?.type === 'corrupt' ? (fault.at ?? 0) - sent : -1;
    if (at >= 0 && at < piece.length) {
      piece = Buffer.from(piece);
      piece.writeUInt8(piece.readUInt8(at) ^ 1, at);
    }
    sent += piece.length;
    if (piece.length > 0 && !res.write(piece) && !res.destroyed) await drained(res);
    if (sent < limit) continue;
    // The bytes must be sent before the connection ends.
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (fault?.type === 'cut') res.destroy();
    return;
  }
  if (fault?.type === 'stall') return;
  res.end();
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
}
