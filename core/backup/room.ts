import { roomOf, type Room } from '../space/room.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { neededMib } from '../lib/size.ts';
import { fitSpace } from '../space/fit.ts';
import type { Source } from '../source/source.ts';
import type { Check } from '../sqlite/types.ts';
import type { Context } from '../context.ts';
import { tidy } from '../upkeep/prune.ts';

/** Asks the application whether it is well; a sick one gives a backup that is worth nothing. Throws `source_unhealthy` when that is required. */
export async function checkHealth(
  { health, name }: Pick<DatabaseConfig, 'health' | 'name'>,
  signal: AbortSignal,
  request: typeof fetch = fetch,
): Promise<Check[]> {
  if (health.url === undefined) return [];
  const timeout = AbortSignal.timeout(health.timeoutMs);
  const found = await request(health.url, {
    signal: AbortSignal.any([signal, timeout]),
    headers: { 'user-agent': 'lifeboat' },
  }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok ? undefined : `answered ${response.status}`;
    },
    (error: unknown) => {
      signal.throwIfAborted();
      if (timeout.aborted) return `did not answer in ${health.timeoutMs / 1000} s`;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return `did not answer (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed'})`;
    },
  );
  if (found === undefined) return [{ name: 'health', result: 'ok' }];
  // The query may carry a secret.
  const { origin, pathname } = new URL(health.url);
  const detail = `expected 2xx of ${origin}${pathname}, which ${found}`;
  if (!health.required) return [{ name: 'health', result: 'warning', detail }];
  throw new LifeboatError(
    'source_unhealthy',
    `the application of ${name} is not well: ${detail}`,
    'Look at the application first; health.required: false makes this a warning.',
    { facts: { check: 'health' } },
  );
}

/** Looks for room before anything is pulled. Answers up to which size the sandbox may judge. Throws `insufficient_space`. */
export async function checkSpace(
  context: Context,
  database: DatabaseConfig,
  source: Source,
  signal: AbortSignal,
): Promise<number> {
  const { space, temporary } = context;
  const size = (await source.measure(signal)) ?? 0;
  // A file of this machine may be read where it is; where it must be copied, the copy itself says when the disk is full.
  const free =
    space.filesInMemory || source.url.startsWith('file:') ? undefined : await space.free(temporary);
  const fit = fitSpace({
    size,
    sandboxLimit: database.inspection.sandboxLimit,
    memory: space.memory(),
    filesInMemory: space.filesInMemory,
    free,
  });
  if (fit.fits) return fit.sandboxLimit;
  const where = fit.short === 'memory' ? 'of memory' : `in ${temporary}`;
  throw new LifeboatError(
    'insufficient_space',
    `${neededMib(fit.needed)} are needed ${where}, and ${neededMib(fit.available)} are free`,
    fit.short === 'memory'
      ? 'Raise the memory of the function (memory_mib in the Terraform), or back up on the host.'
      : 'Free some space there, or name another folder in TMPDIR.',
    { facts: { needed: fit.needed, available: fit.available } },
  );
}

/** Likewise; when that is less than the reserve, expired backups are deleted first. */
export async function checkStore(context: Context): Promise<Room | undefined> {
  const room = await roomOf(context);
  if (!room || room.free >= room.reserve) return room;
  await tidy(context);
  return (await roomOf(context)) ?? room;
}
