import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { isOwnKey, PREFIXES } from '../store/layout.ts';
import { isPrunable, type PrunableStore, type StoredObject } from '../store/store.ts';
import type { Context } from '../context.ts';
import { idTime } from '../catalog/select.ts';
import { DAY_MS } from '../lib/text/time.ts';
import { ENGLISH, formatTime } from '../lib/text/format.ts';
import { unusualSilence } from './rhythm.ts';

/**
 * Deletes what has expired and is not held, as a bucket's lifecycle would. Only a directory store
 * needs it.
 */
export async function prune(context: Context, dryRun: boolean): Promise<{ removed: string[] }> {
  const { store, now } = context;
  if (!isPrunable(store))
    throw new LifeboatError(
      'usage',
      `${store.url} deletes by its own lifecycle rules`,
      'There is nothing to prune here.',
    );
  const { expired } = await expiredIn(store, now());
  if (dryRun) return { removed: expired.map(({ key }) => key) };
  return { removed: await removeAll(context, store, expired) };
}

type Expired = {
  readonly expired: readonly StoredObject[];
  /** When runs began and backups were requested, by their names, ms. */
  readonly activity: readonly number[];
};

/** What has expired; manifests first: an entry that is listed must never lack its data. */
async function expiredIn(store: PrunableStore, now: Date): Promise<Expired> {
  const expired: StoredObject[] = [];
  const activity = new Set<number>();
  for (const prefix of PREFIXES)
    for await (const object of store.list(prefix)) {
      if (!isOwnKey(object.key)) continue;
      const at = timeOf(object.key);
      if (at !== undefined) activity.add(at);
      if (!object.held && object.expires && object.expires <= now) expired.push(object);
    }
  const others = expired.filter((object) => !isManifest(object));
  return { expired: [...expired.filter(isManifest), ...others], activity: [...activity] };
}

async function removeAll(
  { now, log }: Pick<Context, 'now' | 'log'>,
  store: PrunableStore,
  expired: readonly StoredObject[],
): Promise<string[]> {
  const removed: string[] = [];
  for (const { key } of expired) if (await store.remove(key, now())) removed.push(key);
  await store.sweep(DAY_MS);
  const rest = expired.length - removed.length;
  const subject = rest === 1 ? '1 expired object was' : `${rest} expired objects were`;
  if (rest > 0)
    log(
      'WARNING',
      `${subject} not deleted: by the clock of ${store.url} not expired yet, or extended by another run`,
      { event: 'clock', hint: 'Run `lifeboat doctor` to compare the clocks.' },
    );
  return removed;
}

/**
 * After a success: a folder has no lifecycle of its own. The backup is made; what could not be
 * deleted is deleted another time.
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

/**
 * Deletes what has expired, unless nothing was written for unusually long until a few days ago: then
 * this clock may have jumped ahead, and everything would seem expired.
 */
export async function tidyStore(
  { now, log }: Pick<Context, 'now' | 'log'>,
  store: PrunableStore,
): Promise<void> {
  const at = now();
  const { expired, activity } = await expiredIn(store, at);
  const silence = unusualSilence(activity, at.getTime());
  if (silence === undefined || expired.length === 0) {
    await removeAll({ now, log }, store, expired);
    return;
  }
  const [from, to] = [silence.from, silence.to].map((ms) =>
    formatTime(ENGLISH, new Date(ms).toISOString(), 'UTC'),
  );
  log(
    'WARNING',
    `deleted nothing in ${store.url}: nothing was written there from ${from} to ${to}, so the clock may be wrong`,
    {
      event: 'clock',
      hint: 'Check the clock of this machine. If it is right, wait for a week, or run `lifeboat prune` to delete what has expired.',
    },
  );
}

/** The time in the name of a backup or a run. */
function timeOf(key: string): number | undefined {
  const name = /^(?:databases|runs)\/[^/]+\/(\d{8}T\d{6}Z-)/.exec(key)?.[1];
  return name === undefined ? undefined : idTime(name);
}

function isManifest({ key }: StoredObject): boolean {
  return key.endsWith('/manifest.json');
}
