import { open, rm, type FileHandle } from 'node:fs/promises';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { interrupted, Passing, pause, within, type Patience } from './passing.ts';

export type Incoming = {
  /**
   * The offset of the body in the whole: the requested offset, or 0 when the source starts over.
   */
  readonly from: number;
  /** Bytes of the whole, where that is known. */
  readonly total: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
};

export type Receiving = {
  /** The file to be written; it must not exist. */
  readonly target: string;
  /**
   * Requests everything from `offset` on. Throws Passing for failures that another attempt may fix.
   * The signal ends the request and its body.
   */
  readonly open: (offset: number, signal: AbortSignal) => Promise<Incoming>;
  readonly patience: Patience;
  /** The most bytes that are taken. */
  readonly maxBytes?: number | undefined;
  /** Each byte once, in order; `onStart` when everything begins again. */
  readonly onStart?: (() => Promise<void>) | undefined;
  readonly onChunk?: ((chunk: Uint8Array) => void) | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

// An attempt that got this much further was worth it, and the count of failures starts again.
const WORTH = 256 * 1024;

export function tooLarge(maxBytes: number): LifeboatError {
  return new LifeboatError(
    'insufficient_space',
    `the source sends more than the ${maxBytes} bytes that are allowed`,
    'Raise the limit for this database if it has really grown, and give Lifeboat the space.',
  );
}

/**
 * Writes what a source sends into a file and goes on where it was cut. Answers with the number of
 * bytes. Throws `source_unreachable`, `insufficient_space`, `interrupted` and what `open` throws;
 * then the file is gone.
 */
export async function receive(work: Receiving): Promise<number> {
  const { target, patience, signal } = work;
  const file = await open(target, 'wx', 0o600).catch((error: unknown) => {
    throw toLifeboatError(error);
  });
  let [at, furthest, failures] = [0, 0, 0];
  try {
    for (;;) {
      if (signal?.aborted) throw interrupted(signal.reason);
      try {
        return await attempt(work, file, at, (now) => (at = now));
      } catch (error) {
        if (signal?.aborted) throw interrupted(error);
        if (!(error instanceof Passing)) throw error;
        failures = at >= furthest + WORTH ? 1 : failures + 1;
        furthest = Math.max(furthest, at);
        if (failures >= patience.attempts) throw error.failure;
        await pause(failures, patience, signal, error.afterMs);
      }
    }
  } catch (error) {
    await rm(target, { force: true });
    throw toLifeboatError(error);
  } finally {
    await file.close();
  }
}

/** One attempt: writes from `offset` on and calls `reached` after each chunk. */
async function attempt(
  work: Receiving,
  file: FileHandle,
  offset: number,
  reached: (at: number) => void,
): Promise<number> {
  const { patience, maxBytes, signal } = work;
  const stop = new AbortController();
  const end = () => stop.abort();
  const { from, total, body } = await within(
    work.open(offset, stop.signal),
    patience.idleMs,
    end,
    signal,
  );
  if (from !== offset && from !== 0)
    throw cut(`the source answered from byte ${from} and not from ${offset}`);
  if (total !== undefined && maxBytes !== undefined && total > maxBytes) throw tooLarge(maxBytes);
  if (from === 0) {
    await file.truncate(0);
    await work.onStart?.();
  }
  let at = from;
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await within(chunks.next(), patience.idleMs, end, signal).catch(
        (error: unknown) => {
          if (error instanceof Passing || error instanceof LifeboatError) throw error;
          throw cut(`the source broke off after ${at} bytes`, error);
        },
      );
      if (next.done) break;
      const chunk = next.value;
      if (maxBytes !== undefined && at + chunk.length > maxBytes) throw tooLarge(maxBytes);
      if (total !== undefined && at + chunk.length > total)
        throw cut(`the source sent more than the ${total} bytes it had announced`);
      await writeAll(file, chunk, at);
      work.onChunk?.(chunk);
      at += chunk.length;
      reached(at);
      work.onProgress?.(at, total ?? at);
    }
  } finally {
    end();
    // Not waited for: what hangs would hang here as well.
    Promise.resolve(chunks.return?.()).catch(() => undefined);
  }
  if (total !== undefined && at !== total)
    throw cut(`the source broke off after ${at} of ${total} bytes`);
  return at;
}

function cut(message: string, cause?: unknown): Passing {
  return new Passing(
    new LifeboatError(
      'source_unreachable',
      message,
      'Check the network between here and the source, then run it again.',
      { cause },
    ),
  );
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
