import { setTimeout as delay } from 'node:timers/promises';
import { AttemptFailed, channelError } from '../channel.ts';

/** How hard a channel tries. Times in ms. Tests make them short and wait for nothing. */
export type Effort = {
  readonly attempts: number;
  readonly attemptMs: number;
  /** The first pause; each next one is four times as long. */
  readonly pauseMs: number;
  /** The longest pause that a service may ask for. A longer one ends the attempts: whoever waits has a deadline. */
  readonly mostPauseMs: number;
  /** Aborts after so many ms. */
  readonly deadline: (ms: number) => AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** 0 to 1; spreads the pauses of several runs that failed at once. */
  readonly random: () => number;
};

export const EFFORT: Effort = {
  attempts: 3,
  attemptMs: 6000,
  pauseMs: 500,
  mostPauseMs: 8000,
  deadline: (ms) => AbortSignal.timeout(ms),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
  random: Math.random,
};

/** Tries until it works, it cannot work, or the effort or the signal ends. Throws a LifeboatError without secrets. */
export async function withAttempts<T>(
  channel: string,
  secrets: readonly string[],
  effort: Effort,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await oneAttempt(work, effort, signal);
    } catch (failure) {
      const pause =
        failure instanceof AttemptFailed
          ? (failure.waitMs ?? effort.pauseMs * 4 ** (attempt - 1) * (0.5 + effort.random()))
          : 0;
      const again =
        failure instanceof AttemptFailed &&
        failure.again &&
        attempt < effort.attempts &&
        pause <= effort.mostPauseMs;
      if (!again || signal.aborted) throw channelError(channel, failure, secrets);
      try {
        await effort.sleep(pause, signal);
      } catch {
        throw channelError(channel, failure, secrets);
      }
    }
  }
}

async function oneAttempt<T>(
  work: (signal: AbortSignal) => Promise<T>,
  effort: Effort,
  signal: AbortSignal,
): Promise<T> {
  const late = effort.deadline(effort.attemptMs);
  const either = AbortSignal.any([signal, late]);
  // Not every client lets go when it is told to.
  const stopped = new Promise<never>((_, reject) => {
    const stop = () =>
      reject(
        new AttemptFailed(
          'no answer in time',
          'The service did not answer; see whether it is up, and whether this network reaches it.',
          {
            again: true,
          },
        ),
      );
    if (either.aborted) stop();
    else either.addEventListener('abort', stop, { once: true });
  });
  const working = work(either);
  working.catch(() => undefined);
  return Promise.race([working, stopped]);
}
