import { setTimeout as sleep } from 'node:timers/promises';
import { LifeboatError } from '../lib/errors.ts';
import { MINUTE_MS } from '../lib/time.ts';

/** How much trouble a source may make before it is given up. */
export type Patience = {
  /** Nothing came for this long, ms: the attempt has failed. */
  readonly idleMs: number;
  /** So many attempts that got no further. */
  readonly attempts: number;
  /** The first pause between two attempts, ms; each is twice the one before, up to 30 s. */
  readonly pauseMs: number;
};

export const PATIENCE: Patience = { idleMs: MINUTE_MS, attempts: 5, pauseMs: 500 };
const LONGEST_PAUSE_MS = 30_000;

/**
 * A failure that the next attempt may not meet; `failure` is what it means when there is no next
 * attempt.
 */
export class Passing extends Error {
  override readonly name = 'Passing';
  readonly failure: LifeboatError;
  /** When the other side said how long to wait, ms. */
  readonly afterMs: number | undefined;

  constructor(failure: LifeboatError, afterMs?: number) {
    super(failure.message);
    this.failure = failure;
    this.afterMs = afterMs;
  }
}

export function interrupted(cause?: unknown): LifeboatError {
  return new LifeboatError(
    'interrupted',
    'the pull was interrupted',
    'Nothing half-written stays; run it again.',
    { cause },
  );
}

/** Waits before attempt number `failures + 1`. Throws `interrupted`. */
export async function pause(
  failures: number,
  { pauseMs }: Patience,
  signal?: AbortSignal,
  afterMs = 0,
): Promise<void> {
  const backoff = pauseMs * 2 ** (failures - 1);
  await sleep(
    Math.min(Math.max(backoff, afterMs), LONGEST_PAUSE_MS),
    undefined,
    signal ? { signal } : {},
  ).catch((cause: unknown) => {
    throw interrupted(cause);
  });
}

/** Repeats `work` for as long as its failures are Passing and patience lasts. */
export async function persist<T>(
  work: () => Promise<T>,
  patience: Patience,
  signal?: AbortSignal,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    if (signal?.aborted) throw interrupted(signal.reason);
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw interrupted(error);
      if (!(error instanceof Passing)) throw error;
      if (failures >= patience.attempts) throw error.failure;
      await pause(failures, patience, signal, error.afterMs);
    }
  }
}

/**
 * `work`, or a Passing failure once it took `ms`; `stop` is then called to end it. Rejects as
 * `signal` aborts, too.
 */
export async function within<T>(
  work: Promise<T>,
  ms: number,
  stop: () => void,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cancel: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      stop();
      reject(
        new Passing(
          new LifeboatError(
            'source_unreachable',
            `the source sent nothing for ${Math.ceil(ms / 1000)} s`,
            'Check the network between here and the source, and whether the source is overloaded; run it again.',
          ),
        ),
      );
    }, ms);
    cancel = () => {
      stop();
      reject(interrupted(signal?.reason));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
  });
  // Whichever loses the race must not end the process.
  work.catch(() => undefined);
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    if (cancel) signal?.removeEventListener('abort', cancel);
  }
}
