const INTERRUPTED = 130;
/** By then every command that watches the signal has cleaned up and reported. */
const EXIT_LIMIT_MS = 20_000;
/** npm passes on a signal that the terminal has sent already; it is not a second one. */
const ECHO_MS = 1000;

/**
 * Aborts at the first SIGINT or SIGTERM, so that the command cleans up and reports `interrupted`.
 * A second signal, or 20 s without an end, ends the process with 130.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = Infinity;
  function stop(): void {
    if (performance.now() - firstAt > ECHO_MS) process.exit(INTERRUPTED);
    if (controller.signal.aborted) return;
    firstAt = performance.now();
    controller.abort();
    setTimeout(() => process.exit(INTERRUPTED), EXIT_LIMIT_MS).unref();
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop);
  // Node removes the handlers when the event loop is empty, before the process has ended: a signal
  // in between would end a command that has printed its result. process.exit() leaves them.
  // Without a status the command never settled: 13 is Node's own status for that.
  process.once('beforeExit', () => process.exit(process.exitCode ?? 13));
  return controller.signal;
}
