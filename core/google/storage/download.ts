import { retry } from '../../lib/async.ts';
import { createCrc32c, type Crc32c } from '../../lib/bytes/crc32c.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { createPatience, type Calls } from './calls.ts';
import { openMedia } from './media.ts';
import type { ObjectContent } from './object.ts';

/** Bytes that count as progress of a download that is cut again and again. */
const DOWNLOAD_PROGRESS = 2 ** 20;
/** An object up to this size is checked before any of it is given away. */
const SMALL = 2 ** 20;

type Reading = {
  /** Undefined until the first answer arrived. */
  content: ObjectContent | undefined;
  size: number;
  readonly crc: Crc32c;
};

export type DownloadOptions = {
  /** The generation that is wanted; undefined: the present one. */
  readonly expected?: ObjectContent | undefined;
  /**
   * Called when the bytes given so far were wrong: all of them come again, from the first one.
   * Without it, such a download fails.
   */
  readonly onRestart?: (() => Promise<void>) | undefined;
};

/**
 * The content of an object, resumed where it was cut; length and CRC32C are checked at the end. The
 * consumer may stop at any time. Throws `not_found`, `backup_damaged` when the stored bytes do not
 * have their checksum, and `store_unreachable`.
 */
export async function* download(
  calls: Calls,
  name: string,
  { expected, onRestart }: DownloadOptions = {},
): AsyncGenerator<Uint8Array> {
  const first = await beginReading(expected);
  let buffered: Uint8Array[] = [];
  for await (const piece of readAll(calls, name, first))
    if (isSmall(first)) buffered.push(piece);
    else yield piece;
  if (isRight(first)) return yield* buffered;
  // Reading again distinguishes bytes that changed on the way from bytes that are stored damaged.
  const second = await beginReading(expected);
  buffered = [];
  if (!isSmall(first)) await onRestart?.();
  for await (const piece of readAll(calls, name, second))
    if (isSmall(first)) buffered.push(piece);
    else if (onRestart) yield piece;
  if (!isRight(second))
    throw new LifeboatError(
      'backup_damaged',
      `gs://${calls.bucket}/${name} does not have the checksum that the store reports`,
      'Restore another backup with --at, and run `lifeboat verify` to see what else is damaged.',
    );
  if (!isSmall(first) && !onRestart)
    throw new LifeboatError(
      'store_unreachable',
      `gs://${calls.bucket}/${name} was corrupted on the way from the store`,
      'Run the command again.',
    );
  yield* buffered;
}

async function beginReading(expected: ObjectContent | undefined): Promise<Reading> {
  return { content: expected, size: 0, crc: await createCrc32c() };
}

function isSmall({ content }: Reading): boolean {
  return (content?.size ?? 0) <= SMALL;
}

/** Ends the checksum. */
function isRight({ content, size, crc }: Reading): boolean {
  const sum = crc.hex();
  return size === content?.size && sum === content.crc32c;
}

/** All bytes of one generation, resumed as often as it helps. */
async function* readAll(calls: Calls, name: string, reading: Reading): AsyncGenerator<Uint8Array> {
  const patience = createPatience(calls.tuning);
  let body: AsyncGenerator<Uint8Array> | undefined;
  let mark = 0;
  const next = async (): Promise<Uint8Array | undefined> => {
    const { size: start } = reading;
    try {
      body ??= openMedia(calls, { name, start, content: reading.content }, (content) => {
        reading.content = content;
      });
      const step = await body.next();
      if (step.done !== true) return step.value;
      if (start >= (reading.content?.size ?? 0)) return undefined;
      throw Object.assign(new Error('the body was cut'), { code: 'ECONNRESET' });
    } catch (error) {
      body = undefined;
      // A connection that breaks after the last byte has done no harm.
      if (start >= (reading.content?.size ?? Infinity)) return undefined;
      throw calls.failureOf(error, name);
    }
  };
  try {
    for (;;) {
      const piece = await retry(next, { pauseMs: patience.pauseMs, signal: calls.signal });
      if (!piece) return;
      reading.crc.update(piece);
      reading.size += piece.length;
      if (reading.size - mark >= DOWNLOAD_PROGRESS) {
        patience.progress();
        mark = reading.size;
      }
      yield piece;
    }
  } catch (error) {
    throw await calls.explain(error, name);
  } finally {
    await body?.return(undefined);
  }
}
