import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Check } from '../sqlite/types.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';

/**
 * Calls the application's health URL. Throws `source_unhealthy` when the check fails and is
 * required.
 */
export async function checkHealth(
  { health, name }: Pick<DatabaseConfig, 'health' | 'name'>,
  signal: AbortSignal,
  request: typeof fetch = fetch,
): Promise<Check[]> {
  if (health.url === undefined) return [];
  const timeout = AbortSignal.timeout(health.timeoutMs);
  const problem = await request(health.url, {
    signal: AbortSignal.any([signal, timeout]),
    headers: { 'user-agent': 'lifeboat' },
    // A page to log in, or any address of this network, says nothing about the application.
    redirect: 'manual',
  }).then(
    async ({ body, ok, status }) => {
      await body?.cancel();
      return ok
        ? undefined
        : `answered ${status}${status >= 300 && status < 400 ? ', a redirect' : ''}`;
    },
    (error: unknown) => {
      signal.throwIfAborted();
      if (timeout.aborted) return `did not answer within ${formatTook(ENGLISH, health.timeoutMs)}`;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return `did not answer (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'})`;
    },
  );
  if (problem === undefined) return [{ name: 'health', result: 'ok' }];
  // The query may carry a secret.
  const { origin, pathname } = new URL(health.url);
  const detail = `expected 2xx of ${origin}${pathname}, which ${problem}`;
  if (!health.required) return [{ name: 'health', result: 'warning', detail }];
  throw new LifeboatError(
    'source_unhealthy',
    `the health check of ${name} failed: ${detail}`,
    'Check the application first, or set `health.required: false` to turn this into a warning.',
    { facts: { check: 'health' } },
  );
}
