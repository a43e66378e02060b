export type IdleOptions = {
  readonly ms: number;
  /** Why a transfer that stands still has failed. */
  readonly error: () => Error;
  readonly signal?: AbortSignal | undefined;
};

/** Watches a transfer that may take long, but must not stand still. */
export type Idle = {
  /** Aborts when `alive` was not called for the time, when the outer signal aborts, and at `end`. */
  readonly signal: AbortSignal;
  /** Something moved: the time begins again. */
  alive(): void;
  /** Stops the clock while nothing is expected. */
  rest(): void;
  end(): void;
  /** The reason for an error that came through the signal, else the error. */
  reason(error: unknown): unknown;
};

/** Begins to watch at once. Call `end` in any case: it stops the timer. */
export function createIdle({ ms, error, signal: outer }: IdleOptions): Idle {
  const controller = new AbortController();
  const late = (): void => controller.abort(error());
  const interrupt = (): void => controller.abort(outer?.reason);
  let timer: NodeJS.Timeout | undefined = setTimeout(late, ms);
  outer?.addEventListener('abort', interrupt, { once: true });
  if (outer?.aborted) interrupt();
  const rest = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    signal: controller.signal,
    alive: () => {
      if (controller.signal.aborted) return;
      // Refreshed, because a new timer for each piece of a large transfer takes its time, too.
      timer = timer?.refresh() ?? setTimeout(late, ms);
    },
    rest,
    end: () => {
      rest();
      outer?.removeEventListener('abort', interrupt);
      controller.abort(new Error('the transfer ended'));
    },
    reason: (cause) => (controller.signal.aborted ? (controller.signal.reason as unknown) : cause),
  };
}
