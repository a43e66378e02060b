/** Ends a transfer that stands still: aborts `signal` when `alive` was not called for `idleMs`. */
export function createIdle(idleMs: number) {
  const controller = new AbortController();
  const late = (): void =>
    controller.abort(Object.assign(new Error(`no answer for ${idleMs} ms`), { code: 'IDLE' }));
  let timer: NodeJS.Timeout | undefined = setTimeout(late, idleMs);
  return {
    signal: controller.signal,
    alive: (): void => {
      // Refreshed where it can be, because a new timer for each piece of a large transfer takes its
      // time, too.
      timer = timer?.refresh() ?? setTimeout(late, idleMs);
    },
    /** Stops the clock while no answer is expected. */
    rest: (): void => {
      clearTimeout(timer);
      timer = undefined;
    },
    /** Ends the transfer, if it has not ended. */
    end: (): void => {
      clearTimeout(timer);
      controller.abort(Object.assign(new Error('ended'), { code: 'ENDED' }));
    },
    /** The reason for an error that came through the signal, else the error. */
    reason: (error: unknown): unknown =>
      controller.signal.aborted ? (controller.signal.reason as unknown) : error,
  };
}
