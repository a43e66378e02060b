import { Readable } from 'node:stream';
import { createCrc32c } from '../../lib/crc32c.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { createPatience, type Calls } from './calls.ts';
import { createIdle } from './idle.ts';
import { crcOfHeader, type Resource } from './object.ts';

/** A download that was cut goes on where it stopped; what was slow in between is no progress. */
const PROGRESS = 2 ** 20;
/** What is small enough to be checked before any of it is given away. */
const SMALL = 2 ** 20;

type Wanted = { readonly name: string; readonly stat: () => Promise<Resource | undefined> };
type Known = { readonly size: number; readonly crc32c: string; readonly generation: string };

type Sums = { readonly size: number; readonly crc32c: string };

/**
 * The content of an object, with its length and CRC32C checked at the end. A consumer may stop at
 * any time.
 */
export async function* download(calls: Calls, wanted: Wanted): AsyncGenerator<Uint8Array> {
  const state: { known?: Known } = {};
  const crc = await createCrc32c();
  let small: Uint8Array[] = [];
  let size = 0;
  for await (const piece of resumed(calls, wanted, state)) {
    crc.update(piece);
    size += piece.length;
    if ((state.known?.size ?? 0) <= SMALL) small.push(piece);
    else yield piece;
  }
  if (!matches(state.known, { size, crc32c: crc.hex() })) {
    // Reading again distinguishes bytes that changed on the way from bytes that are stored damaged.
    small = [];
    const given = (state.known?.size ?? 0) > SMALL;
    if (!(await isRightNow(calls, wanted, (piece) => given || small.push(piece))))
      throw new LifeboatError(
        'backup_damaged',
        `the object ${wanted.name} does not have the checksum that the store tells`,
        'Restore another backup with --at, and run `lifeboat verify` to see what else is damaged.',
      );
    if (given)
      throw new LifeboatError(
        'store_unreachable',
        `bytes of ${wanted.name} changed on the way from the store`,
        'Run it again.',
      );
  }
  yield* small;
}

/** What the answer says about the object; fields that the server omits are requested separately. */
async function known(headers: Headers, { name, stat }: Wanted): Promise<Known> {
  const size = headers.get('x-goog-stored-content-length');
  const crc32c = crcOfHeader(headers.get('x-goog-hash'));
  const generation = headers.get('x-goog-generation');
  if (size !== null && crc32c !== undefined && generation !== null)
    return { size: Number(size), crc32c, generation };
  const asked = await stat();
  if (!asked) throw absent(name);
  if (asked.crc32c === undefined || (generation !== null && generation !== asked.generation))
    throw new LifeboatError(
      'store_unreachable',
      `the store does not tell the checksum of ${name}`,
      'Run it again.',
    );
  return { size: asked.size, crc32c: asked.crc32c, generation: asked.generation };
}

function absent(name: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `no object ${name}`,
    'Run `lifeboat verify` to see what else is missing.',
  );
}

/**
 * Bytes of one generation, resumed as often as it helps; `known` is right once the first of them
 * came.
 */
async function* resumed(
  calls: Calls,
  wanted: Wanted,
  state: { known?: Known },
): AsyncGenerator<Uint8Array> {
  const patience = createPatience(calls.tuning);
  let [position, mark] = [0, 0];
  for (;;) {
    try {
      for await (const piece of attempt(
        calls,
        wanted,
        position,
        state.known,
        (told) => (state.known = told),
      )) {
        position += piece.length;
        if (position - mark >= PROGRESS) {
          patience.progress();
          mark = position;
        }
        yield piece;
      }
      if (position >= (state.known?.size ?? 0)) return;
      throw cut();
    } catch (error) {
      if (position >= (state.known?.size ?? Infinity)) return;
      await patience.failed(error).catch(async (last: unknown) => {
        throw await calls.explain(last, wanted.name);
      });
    }
  }
}

/** The bytes from `start` on, as far as they come; always of the same generation. */
async function* attempt(
  calls: Calls,
  wanted: Wanted,
  start: number,
  pinned: Known | undefined,
  learn: (known: Known) => void,
) {
  const idle = createIdle(calls.tuning.idleMs);
  let stream: Readable | undefined;
  try {
    const { send } = await calls.clients();
    const answer = await send({
      method: 'GET',
      url: `/storage/v1/b/${calls.bucket}/o/${encodeURIComponent(wanted.name)}`,
      query: { alt: 'media', ...(pinned ? { generation: pinned.generation } : {}) },
      headers: {
        'accept-encoding': 'identity',
        'cache-control': 'no-store',
        ...(start > 0 ? { range: `bytes=${start}-` } : {}),
      },
      signal: idle.signal,
      stream: true,
    });
    if (!(answer.data instanceof Readable)) throw cut();
    stream = answer.data;
    // After the end nobody listens any more, and an error without a listener ends the process.
    stream.on('error', () => undefined);
    if (answer.status === 416 || answer.status === 308) throw cut();
    idle.rest();
    learn(pinned ?? (await known(answer.headers, wanted)));
    // A server that does not know ranges sends all of it.
    let skip = start > 0 && answer.status === 200 ? start : 0;
    const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    for (;;) {
      idle.alive();
      const step = await pieces.next();
      idle.rest();
      if (step.done === true) return;
      const piece = step.value.subarray(Math.min(skip, step.value.length));
      skip -= step.value.length - piece.length;
      if (piece.length > 0) yield piece;
    }
  } catch (error) {
    throw idle.reason(error);
  } finally {
    idle.end();
    stream?.destroy();
  }
}

function cut(): Error {
  return Object.assign(new Error('the body was cut'), { code: 'ECONNRESET' });
}

function matches(known: Known | undefined, got: Sums): boolean {
  return got.size === known?.size && got.crc32c === known.crc32c;
}

/**
 * Reads an object once more, from the beginning, giving each piece to `each`; whether it is right
 * this time.
 */
async function isRightNow(
  calls: Calls,
  wanted: Wanted,
  each: (piece: Uint8Array) => void,
): Promise<boolean> {
  const state: { known?: Known } = {};
  const crc = await createCrc32c();
  let size = 0;
  for await (const piece of resumed(calls, wanted, state)) {
    crc.update(piece);
    size += piece.length;
    each(piece);
  }
  return matches(state.known, { size, crc32c: crc.hex() });
}
