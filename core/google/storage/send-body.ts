import { createCrc32c } from '../../lib/bytes/crc32c.ts';
import type { Calls } from './calls.ts';
import { crcToBase64, toResource, UPLOAD_TOKEN, type Resource } from './object.ts';
import { sendBytes } from './send.ts';
import { createSession, type UploadSession } from './session.ts';

export type UploadTarget = {
  /** The object's name in the bucket. */
  readonly name: string;
  /** Written only if the object has this generation; 0: only if it is absent. */
  readonly match: string;
  readonly customTime?: string | undefined;
  /** Random; recognises our own object after an answer was lost. */
  readonly token: string;
};

export type SentBody = {
  /** What Google answered last. */
  readonly resource: Resource | undefined;
  readonly size: number;
  readonly crc32c: string;
};

const TYPE = 'application/octet-stream';

/**
 * Sends a small body in one request, a larger one in chunks: one chunk is sent while the next one
 * is filled, so memory is bounded whatever the size.
 */
export async function sendBody(
  calls: Calls,
  target: UploadTarget,
  body: AsyncIterable<Uint8Array>,
): Promise<SentBody> {
  const { chunkSize } = calls.tuning;
  const crc = await createCrc32c();
  let [filling, spare] = [Buffer.allocUnsafe(chunkSize), Buffer.alloc(0)];
  let [used, offset] = [0, 0];
  let session: UploadSession | undefined;
  let flight: Promise<unknown> = Promise.resolve();
  const sendChunk = async (): Promise<void> => {
    session ??= await startUploadSession(calls, target);
    await flight;
    flight = session.put(filling, offset);
    // Its failure is met at the next `await flight`.
    flight.catch(() => undefined);
    offset += used;
    const empty = spare.length === 0 ? Buffer.allocUnsafe(chunkSize) : spare;
    [filling, spare, used] = [empty, filling, 0];
  };
  try {
    for await (const piece of body) {
      crc.update(piece);
      for (let at = 0; at < piece.length;) {
        if (used === chunkSize) await sendChunk();
        const length = Math.min(chunkSize - used, piece.length - at);
        filling.set(piece.subarray(at, at + length), used);
        used += length;
        at += length;
      }
    }
    await flight;
    const rest = filling.subarray(0, used);
    const sums = { size: offset + used, crc32c: crc.hex() };
    const resource = session
      ? await session.put(rest, offset, sums)
      : await sendWhole(calls, target, rest, sums.crc32c);
    return { ...sums, resource };
  } catch (error) {
    await flight.catch(() => undefined);
    await session?.cancel();
    throw error;
  }
}

function startUploadSession(calls: Calls, target: UploadTarget): Promise<UploadSession> {
  return calls.run(target.name, async (transport) => {
    const { headers } = await sendBytes(transport, {
      method: 'POST',
      url: uploadPath(calls.bucket),
      query: { name: target.name, uploadType: 'resumable', ifGenerationMatch: target.match },
      headers: { 'content-type': 'application/json', 'x-upload-content-type': TYPE },
      parts: [Buffer.from(metadataOf(target))],
    });
    const location = headers.get('location');
    if (location === null)
      throw Object.assign(new Error('an upload without an address'), { status: 503 });
    return createSession(calls, target.name, location);
  });
}

/** Google refuses the object when its bytes do not have the announced checksum. */
function sendWhole(
  calls: Calls,
  target: UploadTarget,
  bytes: Uint8Array,
  crc32c: string,
): Promise<Resource> {
  const boundary = `lifeboat-${target.token}`;
  const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${metadataOf(target, crc32c)}\r\n--${boundary}\r\ncontent-type: ${TYPE}\r\n\r\n`;
  return calls.run(target.name, async (transport) => {
    const { data } = await sendBytes(transport, {
      method: 'POST',
      url: uploadPath(calls.bucket),
      query: { name: target.name, uploadType: 'multipart', ifGenerationMatch: target.match },
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      parts: [Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)],
    });
    return toResource(data);
  });
}

function uploadPath(bucket: string): string {
  return `/upload/storage/v1/b/${bucket}/o`;
}

/** JSON leaves out what is undefined. */
function metadataOf({ name, customTime, token }: UploadTarget, crc32c?: string): string {
  return JSON.stringify({
    name,
    contentType: TYPE,
    metadata: { [UPLOAD_TOKEN]: token },
    customTime,
    crc32c: crc32c === undefined ? undefined : crcToBase64(crc32c),
  });
}
