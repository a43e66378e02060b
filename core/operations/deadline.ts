import { LifeboatError } from '../errors.ts';
import { exactMib } from '../mib.ts';
import type { Position } from './steps.ts';

/** What was done of how much, and how fast: who raises a limit must know by how much. */
const progressOf = ({ step, done, total, ms }: Position): string =>
  total > 0 && ms > 0 ? `${step}: ${exactMib(done)} of ${exactMib(total)} at ${exactMib((done / ms) * 1000)}/s` : step;

/** A signal that ends a run after `ms` of its own, or when the caller's does. */
export const startDeadline = (ms: number | undefined, signal: AbortSignal | undefined) => {
  const own = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => own.abort(), Math.max(0, ms));
  return {
    signal: signal ? AbortSignal.any([signal, own.signal]) : own.signal,
    passed: (): boolean => own.signal.aborted && signal?.aborted !== true,
    error: (position: Position | undefined, cause: unknown): LifeboatError =>
      new LifeboatError(
        'deadline',
        `the time of ${Math.round((ms ?? 0) / 1000)} s was not enough${position ? ` (${progressOf(position)})` : ''}`,
        'Call backup-now, which may take an hour, give the function more memory and with it more processors, or back up on the host under a systemd timer.',
        { cause },
      ),
    [Symbol.dispose]: (): void => clearTimeout(timer),
  };
};
