import { open, rm, type FileHandle } from 'node:fs/promises';
import { abortable } from '../lib/async.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { writeAll } from '../lib/files/files.ts';
import { refuseOver, type SizeLimit } from '../lib/bytes/size-limit.ts';
import { createIdle, type Idle } from '../lib/idle.ts';
import { persist, silence, type Patience } from './patience.ts';

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
  /** The file to write; it must not exist. */
  readonly target: string;
  /**
   * Requests everything from `offset` on; `unchanged` when there is nothing to send. Throws
   * transient failures where another attempt may help. The signal ends the request and its body.
   */
  readonly open: (offset: number, signal: AbortSignal) => Promise<Incoming | 'unchanged'>;
  readonly patience: Patience;
  /** The most bytes that the file may have. */
  readonly limit?: SizeLimit | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

// Bytes that count as progress: after an attempt that got this much further, the count of failures
// begins again.
const RECEIVE_PROGRESS = 256 * 1024;

/**
 * Writes what a source sends into a file, and resumes where it was cut. Returns the number of
 * bytes; after `unchanged` there is no file. Throws `source_unreachable`, `insufficient_space`,
 * `interrupted`, the error of `limit` and what `open` throws; then the file is gone, too.
 */
export async function receiveFile(receiving: Receiving): Promise<number | 'unchanged'> {
  const { target, patience, signal } = receiving;
  let [at, furthest] = [0, 0];
  const hasProgressed = (): boolean => {
    const progressed = at >= furthest + RECEIVE_PROGRESS;
    furthest = Math.max(furthest, at);
    return progressed;
  };
  let file: FileHandle | undefined;
  try {
    file = await open(target, 'wx', 0o600);
    const whole = file;
    const resume = () => receiveOnce(receiving, whole, at, (now) => (at = now));
    const size = await persist(resume, patience, signal, hasProgressed);
    if (size === 'unchanged') await rm(target, { force: true });
    return size;
  } catch (error) {
    if (file) await rm(target, { force: true });
    throw toLifeboatError(error);
  } finally {
    await file?.close();
  }
}

/** Writes from `offset` on, in one attempt, and calls `reached` after each chunk. */
async function receiveOnce(
  { open: request, patience: { idleMs: ms }, limit, signal, onProgress }: Receiving,
  file: FileHandle,
  offset: number,
  reached: (at: number) => void,
): Promise<number | 'unchanged'> {
  const idle = createIdle({ ms, error: () => silence('the source', ms), signal });
  let chunks: AsyncIterator<Uint8Array> | undefined;
  try {
    const incoming = await unlessIdle(request(offset, idle.signal), idle);
    if (incoming === 'unchanged') return incoming;
    const { from, total, body } = incoming;
    if (from !== offset && from !== 0)
      throw cutShort(`the source answered from byte ${from} instead of ${offset}`);
    refuseOver(limit, total ?? 0);
    if (from === 0) await file.truncate(0);
    let at = from;
    chunks = body[Symbol.asyncIterator]();
    for (;;) {
      const chunk = await nextChunk(chunks, idle, at);
      if (!chunk) break;
      if (total !== undefined && at + chunk.length > total)
        throw cutShort(`the source sent more than the ${total} bytes it had announced`);
      refuseOver(limit, at + chunk.length);
      await writeAll(file, chunk, at);
      at += chunk.length;
      reached(at);
      onProgress?.(at, total ?? at);
    }
    if (total !== undefined && at !== total)
      throw cutShort(`the source broke off after ${at} of ${total} bytes`);
    return at;
  } finally {
    idle.end();
    // Not waited for: what hangs would hang here as well.
    Promise.resolve(chunks?.return?.()).catch(() => undefined);
  }
}

async function nextChunk(
  chunks: AsyncIterator<Uint8Array>,
  idle: Idle,
  at: number,
): Promise<Uint8Array | undefined> {
  idle.alive();
  try {
    const step = await unlessIdle(chunks.next(), idle);
    return step.done === true ? undefined : step.value;
  } catch (error) {
    if (error instanceof LifeboatError) throw error;
    throw cutShort(`the source broke off after ${at} bytes`, error);
  } finally {
    idle.rest();
  }
}

function unlessIdle<T>(work: Promise<T>, idle: Idle): Promise<T> {
  return abortable(work, idle.signal, () => idle.signal.reason as Error);
}

function cutShort(message: string, cause?: unknown): LifeboatError {
  return new LifeboatError(
    'source_unreachable',
    message,
    'Check the network to the source, then run the backup again.',
    { cause, transient: true },
  );
}
