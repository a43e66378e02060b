import { setTimeout as delay } from 'node:timers/promises';
import type { LifeboatError } from './errors.ts';

/** Waits for the work so long, ms, and then throws: nobody who does not answer may hold up the others. The work itself is not ended. */
export const within = async <T>(
  work: Promise<T>,
  ms: number,
  late: () => LifeboatError,
): Promise<T> => {
  const done = new AbortController();
  work.catch(() => undefined);
  const over = delay(ms, undefined, { signal: done.signal }).then(() => {
    throw late();
  });
  over.catch(() => undefined);
  return Promise.race([work, over]).finally(() => done.abort());
};
