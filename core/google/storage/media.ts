import { Readable } from 'node:stream';
import type { Idle } from '../../lib/idle.ts';
import { LifeboatError } from '../../lib/errors.ts';
import type { Calls } from './calls.ts';
import { crcOfHeader, type ObjectContent } from './object.ts';
import { watchTransfer } from './send.ts';
import { statContent } from './stat.ts';

export type MediaRequest = {
  readonly name: string;
  /** Offset of the first byte. */
  readonly start: number;
  /** Pins the generation; undefined: the present one. */
  readonly content: ObjectContent | undefined;
};

/**
 * The answer to one request for the bytes from `start` on, as far as they come. `learn` is called
 * before the first byte with what the bytes must add up to. Throws what the client throws.
 */
export async function* openMedia(
  calls: Calls,
  request: MediaRequest,
  learn: (content: ObjectContent) => void,
): AsyncGenerator<Uint8Array> {
  const { name, start, content } = request;
  const transport = await calls.transport();
  const idle = watchTransfer(transport);
  let stream: Readable | undefined;
  try {
    const answer = await transport.clients.send({
      method: 'GET',
      url: `/storage/v1/b/${calls.bucket}/o/${encodeURIComponent(name)}`,
      query: { alt: 'media', ...(content ? { generation: content.generation } : {}) },
      headers: {
        'accept-encoding': 'identity',
        'cache-control': 'no-store',
        ...(start > 0 ? { range: `bytes=${start}-` } : {}),
      },
      signal: idle.signal,
      stream: true,
    });
    if (!(answer.data instanceof Readable)) throw withoutBody();
    stream = answer.data;
    // After the end nobody listens any more, and an error without a listener ends the process.
    stream.on('error', () => undefined);
    if (answer.status === 416 || answer.status === 308) throw withoutBody();
    idle.rest();
    learn(content ?? (await announcedContent(calls, name, answer.headers)));
    // A server that does not support ranges sends everything.
    const skip = start > 0 && answer.status === 200 ? start : 0;
    yield* skipped(watched(stream, idle), skip);
  } catch (error) {
    throw idle.reason(error);
  } finally {
    idle.end();
    stream?.destroy();
  }
}

function withoutBody(): Error {
  return Object.assign(new Error('the answer has no body'), { code: 'ECONNRESET' });
}

/** What the answer says about the object; headers that the server omits are requested separately. */
async function announcedContent(
  calls: Calls,
  name: string,
  headers: Headers,
): Promise<ObjectContent> {
  const size = headers.get('x-goog-stored-content-length');
  const crc32c = crcOfHeader(headers.get('x-goog-hash'));
  const generation = headers.get('x-goog-generation');
  if (size !== null && crc32c !== undefined && generation !== null)
    return { size: Number(size), crc32c, generation };
  const content = await statContent(calls, name);
  if (!content)
    throw new LifeboatError(
      'not_found',
      `there is no object gs://${calls.bucket}/${name}`,
      'Run `lifeboat verify` to see what else is missing.',
    );
  if (generation !== null && generation !== content.generation)
    throw new LifeboatError(
      'store_unreachable',
      `gs://${calls.bucket}/${name} was replaced while Lifeboat read it`,
      'Run the command again.',
    );
  return content;
}

/** Only the wait for the next piece counts as standing still, not the work of the consumer. */
async function* watched(stream: Readable, idle: Idle): AsyncGenerator<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  for (;;) {
    idle.alive();
    const step = await pieces.next();
    idle.rest();
    if (step.done === true) return;
    yield step.value;
  }
}

async function* skipped(
  pieces: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let skip = bytes;
  for await (const piece of pieces) {
    const rest = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}
