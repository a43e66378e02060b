import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { isOwnKey, PREFIXES } from '../store/layout.ts';
import { isPrunable, type StoredObject } from '../store/store.ts';
import type { Context } from '../context.ts';
import { storedDatabases } from '../catalog/list.ts';
import { DAY_MS } from '../lib/time.ts';

/**
 * Deletes what has expired and is not held, as a bucket's lifecycle would. Only a directory store
 * needs it.
 */
export async function prune(
  { store, now }: Context,
  dryRun: boolean,
): Promise<{ removed: string[] }> {
  if (!isPrunable(store))
    throw new LifeboatError(
      'usage',
      `${store.url} deletes by its own lifecycle rules`,
      'There is nothing to prune here.',
    );
  const expired: StoredObject[] = [];
  for (const prefix of PREFIXES)
    for await (const object of store.list(prefix))
      if (isOwnKey(object.key) && !object.held && object.expires && object.expires <= now())
        expired.push(object);
  // Manifests first: an entry that is listed must never lack its data.
  const order = [...expired.filter(isManifest), ...expired.filter((object) => !isManifest(object))];
  if (dryRun) return { removed: order.map(({ key }) => key) };
  const removed: string[] = [];
  for (const { key } of order) if (await store.remove(key, now())) removed.push(key);
  await store.sweep(new Date(now().getTime() - DAY_MS));
  return { removed };
}

/**
 * After a success: a folder has no lifecycle of its own. The backup is made; what could not be
 * deleted is deleted another time.
 */
export async function tidy(context: Context): Promise<void> {
  if (!isPrunable(context.store)) return;
  await prune(context, false).catch((cause: unknown) => {
    const { message, code, hint } = toLifeboatError(cause);
    context.log('WARNING', `expired backups could not be deleted: ${message}`, {
      event: 'prune',
      code,
      hint,
    });
  });
}

/**
 * Releases the holds of a removed database, so that its last backups may expire, `dailyDays` from
 * now at the earliest. Throws `not_found`.
 */
export async function retire(
  context: Context,
  database: string,
  dailyDays = 14,
): Promise<{ released: number }> {
  if (!(await storedDatabases(context)).includes(database))
    throw new LifeboatError(
      'not_found',
      `there are no backups of ${database} in ${context.store.url}`,
      'Run `lifeboat list` to see the names.',
    );
  return { released: await context.catalog.retire(database, dailyDays) };
}

function isManifest({ key }: StoredObject): boolean {
  return key.endsWith('/manifest.json');
}
