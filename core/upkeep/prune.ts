import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { isOwnKey, PREFIXES } from '../store/layout.ts';
import { isPrunable, type PrunableStore, type StoredObject } from '../store/store.ts';
import type { Context } from '../context.ts';
import { storedDatabases } from '../catalog/list.ts';
import { idTime } from '../catalog/select.ts';
import { DAY_MS, HOUR_MS } from '../lib/time.ts';

const QUIET_DAYS = 30;

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
  const { expired } = await findExpired(store, now());
  if (dryRun) return { removed: expired.map(({ key }) => key) };
  return { removed: await removeAll(store, expired, now()) };
}

type Expired = {
  readonly expired: readonly StoredObject[];
  /** When something was last written more than an hour ago, by the names of backups and runs. */
  readonly lastActivity: Date | undefined;
};

/** What has expired; manifests first: an entry that is listed must never lack its data. */
async function findExpired(store: PrunableStore, now: Date): Promise<Expired> {
  const expired: StoredObject[] = [];
  let lastActivity: Date | undefined;
  for (const prefix of PREFIXES)
    for await (const object of store.list(prefix)) {
      if (!isOwnKey(object.key)) continue;
      const at = timeOf(object.key);
      const isEarlier = at !== undefined && now.getTime() - at.getTime() > HOUR_MS;
      if (isEarlier && (lastActivity === undefined || at > lastActivity)) lastActivity = at;
      if (!object.held && object.expires && object.expires <= now) expired.push(object);
    }
  const others = expired.filter((object) => !isManifest(object));
  return { expired: [...expired.filter(isManifest), ...others], lastActivity };
}

async function removeAll(
  store: PrunableStore,
  expired: readonly StoredObject[],
  now: Date,
): Promise<string[]> {
  const removed: string[] = [];
  for (const { key } of expired) if (await store.remove(key, now)) removed.push(key);
  await store.sweep(new Date(now.getTime() - DAY_MS));
  return removed;
}

/**
 * After a success: a folder has no lifecycle of its own. The backup is made; what could not be
 * deleted is deleted another time. When nothing was written for a month, this clock may have jumped
 * ahead, and then everything would seem expired: the next run decides again.
 */
export async function tidy(context: Context): Promise<void> {
  const { store, log } = context;
  if (!isPrunable(store)) return;
  await tidyStore(context, store).catch((cause: unknown) => {
    const { message, code, hint } = toLifeboatError(cause);
    log('WARNING', `expired backups could not be deleted: ${message}`, {
      event: 'prune',
      code,
      hint,
    });
  });
}

async function tidyStore({ now, log }: Context, store: PrunableStore): Promise<void> {
  const at = now();
  const { expired, lastActivity } = await findExpired(store, at);
  const hasJumped = lastActivity && at.getTime() - lastActivity.getTime() > QUIET_DAYS * DAY_MS;
  if (!hasJumped || expired.length === 0) {
    await removeAll(store, expired, at);
    return;
  }
  const text = `deleted nothing in ${store.url}: its last backup before this one is from ${lastActivity.toISOString()}, so the clock may be wrong`;
  log('WARNING', text, {
    event: 'clock',
    hint: 'Check the clock of this machine. If it is right, the next run deletes what has expired, or run `lifeboat prune` now.',
  });
}

/** The time in the name of a backup or a run. */
function timeOf(key: string): Date | undefined {
  const name = /^(?:databases|runs)\/[^/]+\/(\d{8}T\d{6}Z-)/.exec(key)?.[1];
  return name === undefined ? undefined : new Date(idTime(name));
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
