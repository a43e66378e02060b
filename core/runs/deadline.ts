import { createCatalog, type Copy } from '../catalog/catalog.ts';
import type { Context } from '../context.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize, formatTook } from '../lib/text/format.ts';
import { withSignal } from '../store/with-signal.ts';
import { LONGEST_MS } from '../state/lost-runs.ts';
import type { Position } from './steps.ts';

/**
 * For the record and the notifications of a run whose time is up; shorter than the time between the
 * deadline of a function and the moment when its platform ends it.
 */
const LAST_WORDS_MS = 10_000;
const DAY_LIMIT_HINT =
  'Find out what was so slow: the step and its speed are above, and `lifeboat status <name>` shows those of earlier runs.';
/** Only a job may take longer. */
const LONGEST_FUNCTION_MS = 3_600_000;
const JOB_LIMIT_HINT =
  'Give the job more CPUs or time (`jobs` in the Terraform), or back up on the host under a systemd timer.';
const FUNCTION_LIMIT_HINT =
  'Set `run: http` (30 minutes) or `run: job` (hours) for this database in lifeboat.yaml, give the function more memory (and with it more processors), or back up on the host under a systemd timer.';

/**
 * `signal` aborts when `limitMs` are over, by default a day, or the caller's signal aborts, and ends
 * the work of a run.
 * `over` aborts ten seconds later, and ends the record and the notifications too.
 */
export function startDeadline(limitMs: number | undefined, signal: AbortSignal | undefined) {
  const ms = limitMs ?? LONGEST_MS;
  const [own, over] = [new AbortController(), new AbortController()];
  const timer = setTimeout(() => own.abort(), Math.max(0, ms));
  const either = signal ? AbortSignal.any([signal, own.signal]) : own.signal;
  let lastWords: NodeJS.Timeout | undefined;
  const startLastWords = (): void =>
    void (lastWords = setTimeout(() => over.abort(), LAST_WORDS_MS));
  if (either.aborted) startLastWords();
  else either.addEventListener('abort', startLastWords, { once: true });
  return {
    signal: either,
    over: over.signal,
    passed: (): boolean => own.signal.aborted && signal?.aborted !== true,
    error: (position: Position | undefined, cause: unknown): LifeboatError =>
      new LifeboatError(
        'deadline',
        `the time limit of ${formatTook(ENGLISH, ms)} passed${position ? ` (${progressOf(position)})` : ''}`,
        limitHint(limitMs),
        { cause },
      ),
    [Symbol.dispose]: (): void => {
      either.removeEventListener('abort', startLastWords);
      clearTimeout(timer);
      clearTimeout(lastWords);
    },
  };
}

function limitHint(limitMs: number | undefined): string {
  if (limitMs === undefined) return DAY_LIMIT_HINT;
  return limitMs > LONGEST_FUNCTION_MS ? JOB_LIMIT_HINT : FUNCTION_LIMIT_HINT;
}

/** The context with stores that reject as soon as the signal aborts. */
export function boundContext(context: Context, signal: AbortSignal | undefined): Context {
  if (!signal) return context;
  const bound = ({ store, catalog: { known } }: Copy): Copy => {
    const boundStore = withSignal(store, signal);
    return {
      store: boundStore,
      catalog: createCatalog(boundStore, context.keys, context.now, known),
    };
  };
  return { ...context, ...bound(context), copies: context.copies.map(bound) };
}

/** The progress and speed of the step, which show by how much to raise the limit. */
function progressOf({ step, done, total, ms }: Position): string {
  if (total <= 0 || ms <= 0) return step;
  const speed = formatSize(ENGLISH, (done / ms) * 1000);
  return `${step}: ${formatSize(ENGLISH, done)} of ${formatSize(ENGLISH, total)} at ${speed}/s`;
}
