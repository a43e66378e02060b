import { setTimeout as delay } from 'node:timers/promises';
import { interrupted } from './errors.ts';

export type TimeoutOptions = {
  readonly ms: number;
  /** What to reject with when the time is up. */
  readonly error: () => Error;
  readonly signal?: AbortSignal | undefined;
};

export type RetryOptions = {
  /**
   * Decides about the next attempt after `failures` failed ones, the first counted as 1: the pause
   * before it, ms, or `undefined` to give up, which rethrows the error of the last attempt.
   */
  readonly pauseMs: (error: unknown, failures: number) => number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Rejects when the signal aborts. Tests replace it by one that does not wait. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
};

/**
 * Maps with at most `limit` calls of `work` at once; the results are in the order of the items.
 * After a failure no further call starts, those that run are waited for, and the failure of the
 * earliest item is thrown.
 */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: { index: number; error: unknown }[] = [];
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T);
      } catch (error) {
        failures.push({ index, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run));
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first) throw first.error;
  return results;
}

/** Waits for both even when one fails, so that neither still runs when the caller cleans up. */
export async function settleBoth<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

/**
 * Resolves or rejects as `work` does, but rejects with `error()` after `ms`, and with `interrupted`
 * as soon as the signal aborts. `work` gets a signal that aborts in both cases; work that ignores
 * it keeps running, and its outcome is dropped.
 */
export async function timeout<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { ms, error, signal }: TimeoutOptions,
): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(error()), ms);
  const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  try {
    return await abortable(work(combined), combined, () =>
      stop.signal.aborted && signal?.aborted !== true
        ? (stop.signal.reason as Error)
        : interrupted(signal?.reason),
    );
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves or rejects as `work` does, but rejects with `error()` as soon as the signal, if there is
 * one, aborts. The work itself keeps running.
 */
export async function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  error: () => Error = () => interrupted(signal?.reason),
): Promise<T> {
  if (!signal) return work;
  // The loser of the race must not end the process as an unhandled rejection.
  work.catch(() => undefined);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  const abort = (): void => reject(error());
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Repeats `work` until it succeeds or `pauseMs` gives up. Throws `interrupted` as soon as the
 * signal aborts during a pause.
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  { pauseMs, signal, sleep = sleepUnlessAborted }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      const pause = signal?.aborted ? undefined : pauseMs(error, attempt);
      if (pause === undefined) throw error;
      await sleep(pause, signal).catch((cause: unknown) => {
        throw interrupted(cause);
      });
    }
  }
}

/**
 * A pause that doubles with each failure, half of it random, so that several processes that failed
 * at once do not retry at once.
 */
export function backoff(
  failures: number,
  {
    firstMs,
    mostMs,
    random = Math.random,
  }: { firstMs: number; mostMs: number; random?: () => number },
): number {
  return Math.min(mostMs, firstMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}

function sleepUnlessAborted(ms: number, signal: AbortSignal | undefined): Promise<unknown> {
  return delay(ms, undefined, signal ? { signal } : {});
}
