import { damageKey } from '../catalog/damage.ts';
import { storedDatabases } from '../catalog/list.ts';
import { manifestBundleKey } from '../catalog/manifest-bundle.ts';
import { NAME } from '../config/database.ts';
import type { Context } from '../context.ts';
import { LifeboatError } from '../lib/errors.ts';
import { isRunning } from '../state/lost-runs.ts';
import { missingBackups } from '../state/missing.ts';
import { openRuns } from '../state/records.ts';
import { stateKey } from '../state/stored.ts';
import { isOwnKey } from '../store/layout.ts';
import { isPrunable, type Store } from '../store/store.ts';

export type Retirement = {
  /** How many backups lost their hold, and may expire. */
  released: number;
  /** The keys of what was left of a database without backups; absent while it has some. */
  removed?: string[];
};

export type RetireOptions = {
  /** How long a released backup is kept at least. */
  readonly dailyDays?: number | undefined;
  /** Deletes what is left even though backups are missing that have not expired. */
  readonly acceptsMissing?: boolean | undefined;
};

/**
 * Releases the holds of a removed database, so that its last backups may expire, `dailyDays` from
 * now at the earliest. If the database is not configured and has no backups, deletes its state and
 * its runs instead. Throws `not_found`; `usage` when the name differs from another one only in case,
 * and while a run is in progress; `backup_damaged` when backups are missing before their expiry.
 */
export async function retire(
  context: Context,
  database: string,
  { dailyDays = 14, acceptsMissing = false }: RetireOptions = {},
): Promise<Retirement> {
  const { store, catalog, configured } = context;
  const storedNames = await storedDatabases(context);
  if (storedNames.includes(database))
    return { released: await catalog.retire(database, dailyDays) };
  refuseTwin(database, [...configured, ...storedNames]);
  // `_store` is no database: its state is that of the store.
  const isOther = configured.includes(database) || !NAME.test(database);
  const leftovers = isOther ? [] : await leftoversOf(store, database);
  if (leftovers.length === 0) throw noBackups(store, database);
  await refuseRunning(context, database);
  if (!acceptsMissing) await refuseMissing(context, database);
  if (!isPrunable(store)) throw onlyByOwner(store, database, leftovers);
  // A backup may have been committed since the first look.
  for await (const { key } of store.list(`databases/${database}/`)) throw newBackup(database, key);
  for (const key of startsFirst(leftovers)) await store.discard(key);
  return { released: 0, removed: leftovers };
}

/** Where a file system ignores case, the leftovers of such a name are those of the other database. */
function refuseTwin(database: string, names: readonly string[]): void {
  const twin = names.find(
    (name) => name !== database && name.toLowerCase() === database.toLowerCase(),
  );
  if (twin !== undefined)
    throw new LifeboatError(
      'usage',
      `there are no backups of ${database}, and its name differs from ${twin} only in case`,
      `Did you mean \`${twin}\`?`,
    );
}

async function refuseRunning({ store, now }: Context, database: string): Promise<void> {
  const run = (await openRuns(store, database)).find((start) => isRunning(start, now()));
  if (run)
    throw new LifeboatError(
      'usage',
      `the ${run.operation.replace('-', ' ')} ${run.run} of ${database} may still be running`,
      `Wait until it has ended, and run \`lifeboat retire ${database}\` again. If it crashed, it counts as ended a day after it began.`,
    );
}

/** The records of the runs are the only evidence of backups whose folder is lost or not mounted. */
async function refuseMissing(context: Context, database: string): Promise<void> {
  const { store, catalog } = context;
  const ids = await missingBackups(context, database, await catalog.list(database));
  if (ids.length > 0)
    throw new LifeboatError(
      'backup_damaged',
      `backups of ${database} are missing in ${store.url} before their expiry: ${ids.join(', ')}`,
      `Check that the folder \`databases\` of the store is mounted and complete. If you deleted these backups yourself, delete the rest with \`lifeboat retire ${database} --yes\`.`,
    );
}

/**
 * The state comes last: as long as it is there, the database is listed, and the command can be
 * repeated.
 */
async function leftoversOf(store: Store, database: string): Promise<string[]> {
  const keys: string[] = [];
  // A folder may have files of other programs.
  for await (const { key } of store.list(`runs/${database}/`)) if (isOwnKey(key)) keys.push(key);
  for (const key of stateKeysOf(database)) if (await store.stat(key)) keys.push(key);
  return keys;
}

/** A start that outlived its end would pass for a run in progress, if this process died here. */
function startsFirst(keys: readonly string[]): string[] {
  const starts = keys.filter((key) => key.endsWith('/started.json'));
  return [...starts, ...keys.filter((key) => !starts.includes(key))];
}

function stateKeysOf(database: string): string[] {
  return [manifestBundleKey(database), damageKey(database), stateKey(database)];
}

function newBackup(database: string, key: string): LifeboatError {
  return new LifeboatError(
    'usage',
    `${database} got a new backup in the meantime: ${key}`,
    `Run \`lifeboat retire ${database}\` again to let it expire.`,
  );
}

function noBackups({ url }: Store, database: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `there are no backups of ${database} in ${url}`,
    'Run `lifeboat list` to see the names.',
  );
}

function onlyByOwner({ url }: Store, database: string, keys: readonly string[]): LifeboatError {
  const states = stateKeysOf(database).filter((key) => keys.includes(key));
  const command = ['gcloud storage rm', ...states.map((key) => `${url}/${key}`)].join(' ');
  return new LifeboatError(
    'not_found',
    `there are no backups of ${database} in ${url}, only the state of earlier runs`,
    states.length === 0
      ? 'Lifeboat deletes nothing in a bucket; the records of these runs expire.'
      : `Lifeboat deletes nothing in a bucket. The owner of the bucket can: \`${command}\`; the records of its runs expire.`,
  );
}
