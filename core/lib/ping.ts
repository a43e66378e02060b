import { retry } from './async.ts';
import { LifeboatError } from './errors.ts';
import type { Log } from './log/log.ts';
import { ENGLISH, formatTook } from './text/format.ts';

const PING_ATTEMPTS = 3;
const PING_TIMEOUT_MS = 10_000;

export type PingOptions = {
  readonly log: Log;
  readonly request?: typeof fetch;
  readonly patienceMs?: number;
  /** Waits between two attempts; tests wait for nothing. */
  readonly sleep?: (ms: number) => Promise<unknown>;
};

/**
 * Reports to a dead man's switch (healthchecks.io and the like) that all is well. It raises an
 * alarm when it hears nothing, so a failed ping is only a warning. Never throws.
 */
export async function ping(
  url: string,
  { log, request = fetch, patienceMs = PING_TIMEOUT_MS, sleep }: PingOptions,
): Promise<boolean> {
  try {
    await retry(() => callOnce(url, request, patienceMs), {
      pauseMs: (error, failures) =>
        error instanceof LifeboatError && error.transient && failures < PING_ATTEMPTS
          ? 1000 * (failures + 1)
          : undefined,
      ...(sleep === undefined ? {} : { sleep }),
    });
    return true;
  } catch (error) {
    // The ping URL is a secret: anyone who knows it can report success. So only its origin is
    // logged.
    const { origin } = new URL(url);
    const reason = error instanceof Error ? error.message : String(error);
    log('WARNING', `the ping of ${origin} failed: ${reason}`, {
      event: 'ping',
      hint: 'Check `ping` in lifeboat.yaml. The service raises its own alarm when no ping arrives.',
    });
    return false;
  }
}

async function callOnce(url: string, request: typeof fetch, patienceMs: number): Promise<void> {
  const response = await request(url, {
    signal: AbortSignal.timeout(patienceMs),
    headers: { 'user-agent': 'lifeboat' },
    redirect: 'manual',
  }).catch((cause: unknown) => {
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    throw pingFailure(
      late ? `no answer within ${formatTook(ENGLISH, patienceMs)}` : 'no connection',
      true,
    );
  });
  await response.body?.cancel();
  if (!response.ok)
    throw pingFailure(
      `it answered ${response.status}`,
      response.status >= 500 || response.status === 429,
    );
}

function pingFailure(reason: string, transient: boolean): LifeboatError {
  return new LifeboatError('notify_failed', reason, 'Check `ping` in lifeboat.yaml.', {
    transient,
  });
}
