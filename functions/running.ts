export type Running = {
  /** Aborts when the handlers must end. */
  readonly signal: AbortSignal;
  /** Runs a handler and counts it until it has ended. */
  readonly track: <T>(work: () => Promise<T>) => Promise<T>;
  /**
   * Resolves when every handler has ended. Those that need longer than `patienceMs` are aborted:
   * their runs end as `interrupted`.
   */
  readonly stop: (patienceMs: number) => Promise<void>;
};

/** The handlers that run in this process, so that it can stop without leaving runs unfinished. */
export function createRunning(): Running {
  const handlers = new Set<Promise<unknown>>();
  const controller = new AbortController();
  return {
    signal: controller.signal,
    track: (work) => {
      const handler = work().finally(() => handlers.delete(handler));
      handlers.add(handler);
      return handler;
    },
    stop: async (patienceMs) => {
      const timer = setTimeout(() => controller.abort(), patienceMs);
      while (handlers.size > 0) await Promise.allSettled(handlers);
      clearTimeout(timer);
    },
  };
}
