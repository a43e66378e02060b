import { LifeboatError } from '../lib/errors.ts';
import { exactMib } from '../lib/size.ts';
import type { Position } from './steps.ts';

/** For what is to be finished, recorded and told then; less than a function keeps back before the platform ends it. */
const LAST_WORDS_MS = 10_000;

/** `signal` ends a run after `ms` of its own, or when the caller's does; `over` says when it may not even tell about it any more. */
export function startDeadline(ms: number | undefined, signal: AbortSignal | undefined) {
  const [own, over] = [new AbortController(), new AbortController()];
  const timer = ms === undefined ? undefined : setTimeout(() => own.abort(), Math.max(0, ms));
  const either = signal ? AbortSignal.any([signal, own.signal]) : own.signal;
  let words: NodeJS.Timeout | undefined;
  const ended = (): void => void (words = setTimeout(() => over.abort(), LAST_WORDS_MS));
  if (either.aborted) ended();
  else either.addEventListener('abort', ended, { once: true });
  return {
    signal: either,
    over: over.signal,
    passed: (): boolean => own.signal.aborted && signal?.aborted !== true,
    error: (position: Position | undefined, cause: unknown): LifeboatError =>
      new LifeboatError(
        'deadline',
        `the time of ${Math.round((ms ?? 0) / 1000)} s was not enough${position ? ` (${progressOf(position)})` : ''}`,
        'Call backup-now, which may take an hour, give the function more memory and with it more processors, or back up on the host under a systemd timer.',
        { cause },
      ),
    [Symbol.dispose]: (): void => {
      either.removeEventListener('abort', ended);
      clearTimeout(timer);
      clearTimeout(words);
    },
  };
}

/** What was done of how much, and how fast: who raises a limit must know by how much. */
function progressOf({ step, done, total, ms }: Position): string {
  return total > 0 && ms > 0
    ? `${step}: ${exactMib(done)} of ${exactMib(total)} at ${exactMib((done / ms) * 1000)}/s`
    : step;
}
