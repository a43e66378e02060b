import { abortable } from '../lib/async.ts';
import { LifeboatError } from '../lib/errors.ts';
import { isBucket, isPrunable, type Store } from './store.ts';

/**
 * The same store, but its calls throw `interrupted` as soon as the signal aborts: a disk or a
 * network that does not respond must not delay a run beyond its deadline. The call goes on in the
 * background and may still take effect, as if the process had crashed right after it.
 */
export function withSignal(store: Store, signal: AbortSignal): Store {
  const call = <T>(work: () => Promise<T>): Promise<T> => unlessAborted(work, signal);
  const bound: Store = {
    url: store.url,
    create: (...args) => call(() => store.create(...args)),
    stat: (...args) => call(() => store.stat(...args)),
    read: (...args) => streamUnlessAborted(() => store.read(...args), signal),
    list: (...args) => streamUnlessAborted(() => store.list(...args), signal),
    extend: (...args) => call(() => store.extend(...args)),
    hold: (...args) => call(() => store.hold(...args)),
    replace: (...args) => call(() => store.replace(...args)),
  };
  return {
    ...bound,
    ...(isPrunable(store) && {
      remove: (...args: Parameters<typeof store.remove>) => call(() => store.remove(...args)),
      discard: (...args: Parameters<typeof store.discard>) => call(() => store.discard(...args)),
      sweep: (...args: Parameters<typeof store.sweep>) => call(() => store.sweep(...args)),
      confirm: (...args: Parameters<typeof store.confirm>) => call(() => store.confirm(...args)),
    }),
    ...(isBucket(store) && {
      prefix: store.prefix,
      bucketFacts: () => call(() => store.bucketFacts()),
      access: (...args: Parameters<typeof store.access>) => call(() => store.access(...args)),
    }),
  };
}

async function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw waitingInterrupted(signal);
  return abortable(work(), signal, () => waitingInterrupted(signal));
}

async function* streamUnlessAborted<T>(
  open: () => AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const pieces = open()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await unlessAborted(() => pieces.next(), signal);
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    const closing = Promise.resolve(pieces.return?.());
    closing.catch(() => undefined);
    // A stream that does not respond would not close either.
    if (!signal.aborted) await closing;
  }
}

function waitingInterrupted({ reason: cause }: AbortSignal): LifeboatError {
  return new LifeboatError(
    'interrupted',
    'interrupted while waiting for the store',
    'Run the command again.',
    { cause },
  );
}
