import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  abortable,
  backoff,
  mapConcurrent,
  retry,
  settleBoth,
  timeout,
} from '../../core/lib/async.ts';
import { LifeboatError } from '../../core/lib/errors.ts';

const late = () => new LifeboatError('deadline', 'too late', 'Wait longer.');
/** The error that the work rejects with; attached at once, so that it is never unhandled. */
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const never = () => new Promise<never>(() => undefined);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('timeout', () => {
  test('returns the result of work that ends in time, and leaves no timer behind', async () => {
    await expect(timeout(async () => 7, { ms: 10, error: late })).resolves.toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('rejects with the error after the time, and aborts the work', async () => {
    let seen: AbortSignal | undefined;
    const waiting = timeout((signal) => ((seen = signal), never()), { ms: 10, error: late });
    const rejected = failureOf(waiting);
    await vi.advanceTimersByTimeAsync(9);
    expect(seen?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await rejected).toMatchObject({ code: 'deadline' });
    expect(seen?.aborted).toBe(true);
  });

  test('rejects with interrupted as soon as the signal of the caller aborts', async () => {
    const stop = new AbortController();
    const waiting = timeout(never, { ms: 10, error: late, signal: stop.signal });
    const rejected = failureOf(waiting);
    stop.abort();
    expect(await rejected).toMatchObject({ code: 'interrupted' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not turn a late failure into an unhandled rejection', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting = timeout(() => promise, { ms: 10, error: late });
    const rejected = failureOf(waiting);
    await vi.advanceTimersByTimeAsync(10);
    expect(await rejected).toMatchObject({ code: 'deadline' });
    reject(new Error('much later'));
    await vi.advanceTimersByTimeAsync(1);
  });
});

describe('abortable', () => {
  test('rejects at once when the signal is already aborted', async () => {
    await expect(abortable(never(), AbortSignal.abort())).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('retry', () => {
  test.each([
    ['works the first time', 1],
    ['works the third time', 3],
  ])('when it %s', async (_, successful) => {
    const attempts: number[] = [];
    const pauses: number[] = [];
    const work = async (attempt: number): Promise<string> => {
      attempts.push(attempt);
      if (attempt < successful) throw new Error(`failure ${attempt}`);
      return 'done';
    };
    const sleep = async (ms: number) => void pauses.push(ms);
    await expect(retry(work, { pauseMs: (__, n) => n * 100, sleep })).resolves.toBe('done');
    expect(attempts).toHaveLength(successful);
    expect(pauses).toEqual([100, 200].slice(0, successful - 1));
  });

  test('rethrows the error of the last attempt when pauseMs gives up', async () => {
    const work = async (attempt: number) => Promise.reject(new Error(`failure ${attempt}`));
    const pauseMs = (_: unknown, failures: number) => (failures < 3 ? 0 : undefined);
    await expect(retry(work, { pauseMs, sleep: async () => undefined })).rejects.toThrow(
      'failure 3',
    );
  });

  test('throws interrupted when the signal aborts during a pause', async () => {
    const stop = new AbortController();
    const work = async () => Promise.reject(new Error('failure'));
    const running = retry(work, { pauseMs: () => 1000, signal: stop.signal });
    const rejected = failureOf(running);
    await vi.advanceTimersByTimeAsync(500);
    stop.abort();
    expect(await rejected).toMatchObject({ code: 'interrupted' });
  });

  test('does not repeat work that failed because the signal aborted', async () => {
    const stop = new AbortController();
    let calls = 0;
    const work = async () => {
      calls += 1;
      stop.abort();
      throw new Error('aborted');
    };
    await expect(retry(work, { pauseMs: () => 0, signal: stop.signal })).rejects.toThrow('aborted');
    expect(calls).toBe(1);
  });
});

test.each([
  [1, 0, 50],
  [1, 1, 100],
  [3, 1, 400],
  [10, 1, 1000],
])(
  'the pause after %i failures with the random number %f is %i ms',
  (failures, random, expected) => {
    expect(backoff(failures, { firstMs: 100, mostMs: 1000, random: () => random })).toBe(expected);
  },
);

describe('mapConcurrent', () => {
  test('keeps the order of the items, and limits the concurrent calls', async () => {
    let running = 0;
    let most = 0;
    const work = async (ms: number): Promise<number> => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, ms));
      running -= 1;
      return ms;
    };
    const mapping = mapConcurrent([30, 10, 20, 5], 2, work);
    await vi.runAllTimersAsync();
    await expect(mapping).resolves.toEqual([30, 10, 20, 5]);
    expect(most).toBe(2);
  });

  test('throws the failure of the earliest item, after all running calls have ended', async () => {
    const ended: number[] = [];
    const work = async (item: number): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 10 * (3 - item)));
      ended.push(item);
      if (item !== 1) throw new Error(`item ${item}`);
    };
    const mapping = mapConcurrent([0, 1, 2, 3], 3, work);
    const rejected = failureOf(mapping);
    await vi.runAllTimersAsync();
    expect(await rejected).toMatchObject({ message: 'item 0' });
    expect(ended).toEqual([2, 1, 0]);
  });
});

test('settleBoth waits for the second when the first fails', async () => {
  let ended = false;
  const slow = new Promise<void>((resolve) => setTimeout(() => ((ended = true), resolve()), 10));
  const both = settleBoth(Promise.reject(new Error('first')), slow);
  const rejected = failureOf(both);
  await vi.runAllTimersAsync();
  expect(await rejected).toMatchObject({ message: 'first' });
  expect(ended).toBe(true);
});
