import type { Store } from '../../core/store/store.ts';

/** A fake: the store of a process that crashes right before its N-th call, or right after that call took effect. Later calls do nothing. */
export function mortalStore(
  store: Store,
  dieAt: number,
  afterwards: boolean,
): { store: Store; calls: () => number } {
  let count = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Error(`died at call ${count}`);
  };
  const begin = (): boolean => {
    if (dead) die();
    count += 1;
    if (count === dieAt && !afterwards) die();
    return count === dieAt;
  };
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    const last = begin();
    const [answer] = await Promise.allSettled([work()]);
    if (last || dead) die();
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  };
  async function* flow<T>(work: AsyncIterable<T>): AsyncGenerator<T> {
    const last = begin();
    try {
      for await (const each of work) {
        if (dead) die();
        yield each;
      }
    } catch (error) {
      if (last) die();
      throw error;
    }
    if (last) die();
  }
  return {
    calls: () => count,
    store: {
      url: store.url,
      create: (...args) => step(() => store.create(...args)),
      stat: (key) => step(() => store.stat(key)),
      read: (key) => flow(store.read(key)),
      list: (prefix, options) => flow(store.list(prefix, options)),
      extend: (...args) => step(() => store.extend(...args)),
      hold: (...args) => step(() => store.hold(...args)),
      replace: (...args) => step(() => store.replace(...args)),
    },
  };
}
