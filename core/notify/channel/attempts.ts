import { setTimeout as delay } from 'node:timers/promises';
import { abortable, retry } from '../../lib/async.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { channelError, serviceFailure } from '../channel.ts';

/** How hard a channel tries. Times in ms. Tests make them short and wait for nothing. */
export type Effort = {
  readonly attempts: number;
  readonly attemptMs: number;
  /** The first pause; each next one is four times as long. */
  readonly pauseMs: number;
  /**
   * The longest pause that a service may ask for. A longer one ends the attempts, because the run
   * has a deadline.
   */
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

type RetriedSending = {
  readonly channel: string;
  /** Never part of an error. */
  readonly secrets: readonly string[];
  readonly effort: Effort;
  readonly signal: AbortSignal;
};

/**
 * Repeats `work` while its failures are transient and the effort and the signal allow it. Throws a
 * LifeboatError without secrets.
 */
export async function withAttempts<T>(
  { channel, secrets, effort, signal }: RetriedSending,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // An abort during a pause reports the failure before the pause.
  let lastFailure: unknown;
  try {
    return await retry(() => sendOnce(work, effort, signal), {
      signal,
      sleep: (ms) => effort.sleep(ms, signal),
      pauseMs: (error, failures) => pauseAfter((lastFailure = error), failures, effort),
    });
  } catch (error) {
    throw channelError(channel, lastFailure ?? error, secrets);
  }
}

async function sendOnce<T>(
  work: (signal: AbortSignal) => Promise<T>,
  effort: Effort,
  signal: AbortSignal,
): Promise<T> {
  const either = AbortSignal.any([signal, effort.deadline(effort.attemptMs)]);
  return abortable(work(either), either, () =>
    serviceFailure(
      'no answer in time',
      'Check that the service is up and that this network can reach it.',
      { transient: true },
    ),
  );
}

/** The pause before the next attempt, ms; undefined to give up. */
function pauseAfter(error: unknown, failures: number, effort: Effort): number | undefined {
  if (!(error instanceof LifeboatError) || !error.transient || failures >= effort.attempts)
    return undefined;
  const pause =
    error.retryAfterMs ?? effort.pauseMs * 4 ** (failures - 1) * (0.5 + effort.random());
  return pause <= effort.mostPauseMs ? pause : undefined;
}
