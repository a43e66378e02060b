// Asks the function backup-now for a backup and waits until it is verified. Promises one backup for
// one key, however often it retries, and success only for a complete, matching document. Imports
// documents, messages and lib.
import { setTimeout as sleep } from 'node:timers/promises';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';
import { readAddress, type Address } from './address.ts';
import { exchange } from './exchange.ts';
import type { Progress } from '../lib/progress.ts';
import type { BackupResult } from '../documents/backup.ts';
import type { BackupOrder } from '../messages/messages.ts';
import { MINUTE_MS } from '../lib/text/time.ts';

/** The pauses before the second, third and fourth attempt, ms. */
const PAUSES = [2000, 8000, 30_000];
const SERVER_SILENCE_MS = MINUTE_MS;

export type TriggerOptions = BackupOrder & {
  /** The address of `backup-now`. */
  readonly url: string;
  /** Audience of the ID token; by default derived from the address. */
  readonly audience?: string | undefined;
  /** Idempotency key: requests with the same key make one backup. */
  readonly key: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Returns an ID token for an audience. Not called when the address is on this machine. */
  readonly identity: (audience: string) => Promise<string>;
  readonly onProgress?: Progress | undefined;
  /** Called before each retry. */
  readonly onRetry?: ((why: LifeboatError, pauseMs: number) => void) | undefined;
  readonly pauses?: readonly number[];
  readonly silenceMs?: number;
};

/**
 * Requests a backup from `backup-now` and returns when it is verified. Retries after a cut
 * connection, silence, 502 and 503, with the same key, so that one backup results. Throws what the
 * function failed with; `usage` for an invalid address, `deadline`, `interrupted`.
 */
export async function trigger(options: TriggerOptions): Promise<BackupResult> {
  if (!/^[\x21-\x7e]{1,200}$/.test(options.key))
    throw new LifeboatError(
      'usage',
      '--key contains a space or another invalid character, or is too long',
      'Use up to 200 letters, digits and punctuation marks, such as deploy-42.',
    );
  const address = readAddress(options.url, options.audience);
  const late = AbortSignal.timeout(options.timeoutMs);
  try {
    return await ask(options, address, AbortSignal.any([options.signal, late]));
  } catch (error) {
    if (options.signal.aborted)
      throw new LifeboatError(
        'interrupted',
        `the wait for the backup of ${options.database} was interrupted`,
        `The function may still be running. To get its result, run the command again with --key ${options.key}.`,
      );
    if (late.aborted) throw tooLate(options);
    throw error;
  }
}

async function ask(
  options: TriggerOptions,
  address: Address,
  signal: AbortSignal,
): Promise<BackupResult> {
  const { database, reason, kind, accept, expectMigrations, key, identity, onProgress, onRetry } =
    options;
  const { pauses = PAUSES, silenceMs = SERVER_SILENCE_MS } = options;
  const body = JSON.stringify({ database, reason, kind, accept, expectMigrations });
  for (let attempt = 0; ; attempt += 1) {
    // A token is valid for an hour, and a backup may take as long.
    const token = address.local ? undefined : await identity(address.audience);
    const outcome = await exchange({
      address,
      database,
      token,
      body,
      key,
      silenceMs,
      signal,
      onProgress,
    });
    if (outcome.kind === 'done') return outcome.document;
    const pause = pauses[attempt];
    if (!outcome.again || pause === undefined) throw outcome.error;
    onRetry?.(outcome.error, pause);
    await sleep(pause, undefined, { signal });
  }
}

function tooLate({ database, timeoutMs, key }: TriggerOptions): LifeboatError {
  return new LifeboatError(
    'deadline',
    `no verified backup of ${database} within ${formatTook(ENGLISH, timeoutMs)}`,
    `The function may still be running: check its log. To wait for the same backup, run the command again with --key ${key} and a longer --timeout.`,
  );
}
