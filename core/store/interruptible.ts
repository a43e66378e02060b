import { LifeboatError } from '../lib/errors.ts';
import type { Store } from './store.ts';

/** The methods of a store that give a stream; all others give a promise. */
const STREAMS: ReadonlySet<string> = new Set<keyof Store>(['read', 'list']);

type Method = (...args: unknown[]) => unknown;

/**
 * The same store, which is waited for until the signal, and no longer: a disk or a network that stands still must not keep a run beyond its time. Then
 * every call throws `interrupted`. What is under way is left behind, and may still have its effect, as if the process had died right after it.
 */
export function interruptible<S extends Store>(store: S, signal: AbortSignal): S {
  return Object.fromEntries(
    Object.entries(store).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      const method = value as Method;
      return STREAMS.has(name)
        ? [
            name,
            (...args: unknown[]) => untilStopped(signal, method(...args) as AsyncIterable<unknown>),
          ]
        : [name, (...args: unknown[]) => orStop(signal, async () => method(...args))];
    }),
  ) as S;
}

async function* untilStopped<T>(signal: AbortSignal, stream: AsyncIterable<T>): AsyncGenerator<T> {
  const pieces = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await orStop(signal, () => pieces.next());
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    const closing = Promise.resolve(pieces.return?.());
    closing.catch(() => undefined);
    // One that stands still would not close before it moves again.
    if (!signal.aborted) await closing;
  }
}

async function orStop<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw interrupted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted());
  signal.addEventListener('abort', stop, { once: true });
  const working = work();
  // Nobody listens to how it ends once it is not waited for.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function interrupted(): LifeboatError {
  return new LifeboatError(
    'interrupted',
    'the store was not waited for any longer',
    'Run it again.',
  );
}
