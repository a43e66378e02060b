import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../lib/log.ts';

const TRIES = 3;
const PATIENCE_MS = 10_000;

export type PingOptions = {
  readonly log: Log;
  readonly request?: typeof fetch;
  readonly patienceMs?: number;
  readonly pause?: (ms: number) => Promise<unknown>;
};

/**
 * Tells a dead-man switch (healthchecks.io and the like) that all is well; when it hears nothing for long, it speaks up. A switch that cannot be
 * reached is a warning: it will speak up by itself. Throws nothing.
 */
export async function ping(
  url: string,
  { log, request = fetch, patienceMs = PATIENCE_MS, pause = delay }: PingOptions,
): Promise<boolean> {
  // Who knows the path can say that all is well: it is a secret.
  const { origin } = new URL(url);
  let why = '';
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await pause(1000 * attempt);
    try {
      const response = await request(url, {
        signal: AbortSignal.timeout(patienceMs),
        headers: { 'user-agent': 'lifeboat' },
      });
      await response.body?.cancel();
      if (response.ok) return true;
      why = `answered ${response.status}`;
      if (response.status < 500 && response.status !== 429) break;
    } catch (error) {
      why =
        error instanceof Error && error.name === 'TimeoutError'
          ? `did not answer in ${patienceMs / 1000} s`
          : 'could not be reached';
    }
  }
  log('WARNING', `the dead-man switch at ${origin} ${why}`, {
    event: 'ping',
    hint: 'It will raise its alarm by itself when this goes on; check watch.ping.',
  });
  return false;
}
