import { randomUUID } from 'node:crypto';
import { createCrc32c } from '../../lib/crc32c.ts';
import { LifeboatError } from '../../lib/errors.ts';
import type { Body } from '../../store/store.ts';
import type { Calls } from './calls.ts';
import { missingBucket } from './errors.ts';
import { faultOf } from './fault.ts';
import { crcToBase64, toResource, TOKEN, type Resource } from './object.ts';
import { sendBytes } from './send.ts';
import { createSession, type Session } from './session.ts';

export type Upload = {
  /** The object's name in the bucket. */
  readonly name: string;
  /** Written only if the object has this generation; 0: only if it is absent. */
  readonly match: string;
  readonly customTime?: string;
  /** What is there now; requested after an answer was lost. */
  readonly stat: () => Promise<Resource | undefined>;
};

const TYPE = 'application/octet-stream';

/**
 * Creates or replaces an object; `undefined` when another one is there. Throws unless Google
 * confirms size and CRC32C.
 */
export async function upload(
  calls: Calls,
  task: Upload,
  body: Body,
): Promise<Resource | undefined> {
  const token = randomUUID();
  // What the body throws is not the store's to explain.
  const broken: unknown[] = [];
  const pieces = async function* () {
    try {
      yield* body instanceof Uint8Array ? [body] : body;
    } catch (error) {
      broken.push(error);
      throw error;
    }
  };
  try {
    const { done, size, crc32c } = await uploadStream(calls, task, token, pieces());
    const told =
      done?.crc32c !== undefined && Number.isInteger(done.size) && done.generation !== '';
    const stored = told ? done : await task.stat();
    if (stored?.size === size && stored.crc32c === crc32c && (told || stored.token === token))
      return stored;
  } catch (error) {
    if (broken.includes(error)) throw error;
    if (statusOf(error) === 412 || asksForDelete(error, task))
      return ownEarlierSuccess(task, token);
    if (statusOf(error) === 404) throw missingBucket(calls.bucket, undefined);
    throw await calls.explain(error, task.name);
  }
  throw new LifeboatError(
    'store_unreachable',
    `the store does not confirm size and checksum of ${task.name}`,
    'Run it again; when it stays, look for a proxy or an emulator that changes what is stored.',
  );
}

/** Sends one chunk while the next is filled: two chunks of memory, whatever the size. */
async function uploadStream(
  calls: Calls,
  upload: Upload,
  token: string,
  body: AsyncIterable<Uint8Array>,
) {
  const { chunkSize } = calls.tuning;
  const crc = await createCrc32c();
  let [filling, spare] = [Buffer.allocUnsafe(chunkSize), Buffer.alloc(0)];
  let [used, offset] = [0, 0];
  let session: Session | undefined;
  let flight: Promise<unknown> = Promise.resolve();
  try {
    for await (const piece of body) {
      crc.update(piece);
      for (let at = 0; at < piece.length;) {
        if (used === chunkSize) {
          session ??= await startSession(calls, upload, token);
          await flight;
          flight = session.put(filling, offset);
          // Its failure is met at the next `await flight`.
          flight.catch(() => undefined);
          offset += used;
          [filling, spare, used] = [
            spare.length === 0 ? Buffer.allocUnsafe(chunkSize) : spare,
            filling,
            0,
          ];
        }
        const taken = Math.min(chunkSize - used, piece.length - at);
        filling.set(piece.subarray(at, at + taken), used);
        used += taken;
        at += taken;
      }
    }
    await flight;
    const rest = filling.subarray(0, used);
    const sums = { size: offset + used, crc32c: crc.hex() };
    const done = session
      ? await session.put(rest, offset, sums)
      : await uploadWhole(calls, upload, token, rest, sums.crc32c);
    return { ...sums, done };
  } catch (error) {
    await flight.catch(() => undefined);
    await session?.cancel();
    throw error;
  }
}

function startSession(calls: Calls, upload: Upload, token: string): Promise<Session> {
  return calls.run(upload.name, async (clients) => {
    const { headers } = await sendBytes(clients, calls.tuning.idleMs, {
      method: 'POST',
      url: path(calls.bucket),
      query: { name: upload.name, uploadType: 'resumable', ifGenerationMatch: upload.match },
      headers: { 'content-type': 'application/json', 'x-upload-content-type': TYPE },
      parts: [Buffer.from(metadata(upload, token))],
    });
    const location = headers.get('location');
    if (location === null)
      throw Object.assign(new Error('an upload without an address'), { status: 503 });
    return createSession(calls, upload.name, location);
  });
}

function path(bucket: string): string {
  return `/upload/storage/v1/b/${bucket}/o`;
}

function metadata({ name, customTime }: Upload, token: string, crc32c?: string): string {
  return JSON.stringify({
    name,
    contentType: TYPE,
    metadata: { [TOKEN]: token },
    ...(customTime === undefined ? {} : { customTime }),
    ...(crc32c === undefined ? {} : { crc32c: crcToBase64(crc32c) }),
  });
}

/** A small object in one request; Google refuses it when the announced checksum does not fit. */
function uploadWhole(
  calls: Calls,
  upload: Upload,
  token: string,
  bytes: Uint8Array,
  crc32c: string,
): Promise<Resource> {
  const boundary = `lifeboat-${token}`;
  const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${metadata(upload, token, crc32c)}\r\n--${boundary}\r\ncontent-type: ${TYPE}\r\n\r\n`;
  return calls.run(upload.name, async (clients) => {
    const { data } = await sendBytes(clients, calls.tuning.idleMs, {
      method: 'POST',
      url: path(calls.bucket),
      query: { name: upload.name, uploadType: 'multipart', ifGenerationMatch: upload.match },
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      parts: [Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)],
    });
    return toResource(data);
  });
}

function statusOf(error: unknown): unknown {
  return error instanceof LifeboatError ? error.facts['status'] : faultOf(error).status;
}

/**
 * Overwriting needs the delete permission, so without it Google answers 403 where we expect 412:
 * the object already exists.
 */
function asksForDelete(error: unknown, { match }: Upload): boolean {
  return (
    match === '0' &&
    statusOf(error) === 403 &&
    /storage\.objects\.delete/.test(
      error instanceof LifeboatError ? error.message : faultOf(error).message,
    )
  );
}

/** A 412 may be the answer to the repetition of a request that had worked. */
async function ownEarlierSuccess(task: Upload, token: string): Promise<Resource | undefined> {
  try {
    const stored = await task.stat();
    return stored?.token === token ? stored : undefined;
  } catch (error) {
    // An identity that may create but not read (run records) relies on Google's answer: it exists.
    if (error instanceof LifeboatError && error.code === 'store_denied') return undefined;
    throw error;
  }
}
