import { damageKey } from '../catalog/damage.ts';
import { storedDatabases } from '../catalog/list.ts';
import { NAME } from '../config/database.ts';
import type { Context } from '../context.ts';
import { LifeboatError } from '../lib/errors.ts';
import { stateKey } from '../state/stored.ts';
import { isPrunable, type Store } from '../store/store.ts';

export type Retirement = {
  /** How many backups lost their hold, and may expire. */
  released: number;
  /** The keys of what was left of a database without backups; absent while it has some. */
  removed?: string[];
};

/**
 * Releases the holds of a removed database, so that its last backups may expire, `dailyDays` from
 * now at the earliest. Of a database that is not configured and has no backup, it deletes what is
 * left: its state and its runs. Throws `not_found`.
 */
export async function retire(
  context: Context,
  database: string,
  dailyDays = 14,
): Promise<Retirement> {
  const { store, catalog, configured } = context;
  if ((await storedDatabases(context)).includes(database))
    return { released: await catalog.retire(database, dailyDays) };
  // `_store` is no database: its state is that of the store.
  const isOther = configured.includes(database) || !NAME.test(database);
  const leftovers = isOther ? [] : await leftoversOf(store, database);
  if (leftovers.length === 0) throw noBackups(store, database);
  if (!isPrunable(store)) throw onlyByOwner(store, database, leftovers);
  for (const key of leftovers) await store.discard(key);
  return { released: 0, removed: leftovers };
}

/**
 * The state comes last: as long as it is there, the database is listed, and the command can be
 * repeated.
 */
async function leftoversOf(store: Store, database: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(`runs/${database}/`)) keys.push(key);
  for (const key of [damageKey(database), stateKey(database)])
    if (await store.stat(key)) keys.push(key);
  return keys;
}

function noBackups({ url }: Store, database: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `there are no backups of ${database} in ${url}`,
    'Run `lifeboat list` to see the names.',
  );
}

function onlyByOwner({ url }: Store, database: string, keys: readonly string[]): LifeboatError {
  const state = keys.at(-1) ?? '';
  return new LifeboatError(
    'not_found',
    `there are no backups of ${database} in ${url}, only the state of earlier runs`,
    `Lifeboat deletes nothing in a bucket. The owner of the bucket can: \`gcloud storage rm ${url}/${state}\`; its runs expire.`,
  );
}
