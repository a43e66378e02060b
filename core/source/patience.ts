import { retry, timeout } from '../lib/async.ts';
import { interrupted, isTransient, LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';

/** How much trouble a source may make before Lifeboat gives up. */
export type Patience = {
  /** An attempt fails when nothing arrives for this long, ms. */
  readonly idleMs: number;
  /** How many attempts may fail without progress. */
  readonly attempts: number;
  /** The first pause between two attempts, ms; each is twice the one before, up to 30 s. */
  readonly pauseMs: number;
};

export const PATIENCE: Patience = { idleMs: 60_000, attempts: 5, pauseMs: 500 };
const MOST_PAUSE_MS = 30_000;

/**
 * Repeats `work` while its failures are transient and patience lasts. `hasProgressed` says whether
 * the last attempt got further than those before: then the count begins again. Throws `interrupted`
 * as soon as the signal aborts.
 */
export async function persist<T>(
  work: () => Promise<T>,
  patience: Patience,
  signal: AbortSignal | undefined,
  hasProgressed: () => boolean = () => false,
): Promise<T> {
  let failures = 0;
  const pauseMs = (error: unknown): number | undefined => {
    failures = hasProgressed() ? 1 : failures + 1;
    return isTransient(error) && failures < patience.attempts
      ? pauseBefore(failures, patience, (error as LifeboatError).retryAfterMs)
      : undefined;
  };
  try {
    signal?.throwIfAborted();
    return await retry(work, { pauseMs, signal });
  } catch (error) {
    throw signal?.aborted ? interrupted(error, 'the pull') : error;
  }
}

/** Rejects with a transient failure when `work` takes longer than the source may be silent. */
export function unlessSilent<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { idleMs: ms }: Patience,
  signal: AbortSignal | undefined,
): Promise<T> {
  return timeout(work, { ms, error: () => silence('the source', ms), signal });
}

export function silence(who: string, idleMs: number): LifeboatError {
  return new LifeboatError(
    'source_unreachable',
    `${who} sent nothing for ${formatTook(ENGLISH, idleMs)}`,
    'Check the network to the source, and whether the source is overloaded. Then run the backup again.',
    { transient: true },
  );
}

function pauseBefore(failures: number, { pauseMs }: Patience, retryAfterMs = 0): number {
  return Math.min(Math.max(pauseMs * 2 ** (failures - 1), retryAfterMs), MOST_PAUSE_MS);
}
