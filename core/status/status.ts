/**
 * The state of each database: as a document (this file), as metrics (`metrics`) and as pages
 * (`page/`). `database` and `condition` compute it from the state object, the schedule and the time,
 * without input or output. Nothing here writes. Imports nothing from `backup`, `watch` or `setup`.
 */
import { mapConcurrent } from '../lib/async.ts';
import { NAME } from '../config/database.ts';
import type { Config } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { worstOf } from './condition.ts';
import type { DatabaseStatus, DetailDocument, StatusDocument } from '../documents/status.ts';
import type { Context } from '../context.ts';
import { databaseDetail, databaseStatus } from './database.ts';
import { countsAt } from '../catalog/document.ts';
import type { RunningBackup } from '../schedule/freshness.ts';
import { backupJobOf, backupJobs } from '../schedule/jobs.ts';
import { findRunningBackup } from '../state/running-backup.ts';
import { storedDatabases } from '../catalog/list.ts';
import { readSummary, rebuildState, type State, summarisedDatabases } from '../state/state.ts';

/** How many summaries are read at once; each takes a round trip and some 70 KB. */
const SUMMARIES_AT_ONCE = 64;
/** How many catalogs are listed at once; each has several readers of its own. */
const CATALOGS_AT_ONCE = 4;

/**
 * The state of every database in the configuration or in the store. With `fromSummaries` it reads
 * one object per database and nothing else, as the function `status` must: its identity has no right
 * to read manifests.
 */
export function status(
  context: Context,
  config: Config,
  fromSummaries: boolean,
): Promise<StatusDocument> {
  return closing(fromSummaries, context, () => overview(context, config, fromSummaries));
}

/**
 * Everything about one database. Throws `not_found` when it is neither in the configuration nor in
 * the store.
 */
export function statusOf(
  context: Context,
  config: Config,
  name: string,
  fromSummaries: boolean,
): Promise<DetailDocument> {
  return closing(fromSummaries, context, () => detailed(context, config, name, fromSummaries));
}

/** A command closes the connection to Cloud Scheduler; a function keeps it for the next request. */
async function closing<T>(
  keepOpen: boolean,
  { schedules }: Context,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    if (!keepOpen) await schedules?.close().catch(() => undefined);
  }
}

async function overview(
  context: Context,
  config: Config,
  fromSummaries: boolean,
): Promise<StatusDocument> {
  const jobs = backupJobs(context, Object.values(config.databases));
  // A database whose every run failed has a summary and nothing else.
  const summarised = new Set(await summarisedDatabases(context));
  const stored = fromSummaries ? [] : await storedDatabases(context);
  const configured = Object.keys(config.databases);
  const names = [...new Set([...configured, ...summarised, ...stored])].sort();
  const load = fromSummaries
    ? async (name: string) => (summarised.has(name) ? readSummary(context, name) : undefined)
    : (name: string) => loadFromCatalog(context, name);
  const at = context.now();
  const statuses = await mapConcurrent(
    names,
    fromSummaries ? SUMMARIES_AT_ONCE : CATALOGS_AT_ONCE,
    async (name) => {
      const state = await load(name);
      const running = await runningOf(context, config, name, state);
      return databaseStatus({ name, state, job: (await jobs)(name), running }, config, at);
    },
  );
  const databases = statuses.filter((each) => isListed(each, config));
  return {
    version: 1,
    at: at.toISOString(),
    condition: worstOf(databases.map(({ condition }) => condition)),
    databases,
  };
}

/**
 * Whether the status shows a database: with a configuration, a name that is not in it and has no
 * backup is the leftover of a typo or of a retired database, whose records expire.
 */
function isListed({ name, backups }: DatabaseStatus, { databases }: Config): boolean {
  return databases[name] !== undefined || backups > 0 || Object.keys(databases).length === 0;
}

/**
 * From the catalog and the run records, which are never outdated. From the summary, which more
 * identities may write, come only the last restore test, and records that are equal to the stored
 * ones.
 */
async function loadFromCatalog(context: Context, name: string): Promise<State> {
  const summary = await readSummary(context, name);
  const state = await rebuildState(context, name, undefined, summary?.runs);
  return { ...state, lastRestoreTest: summary?.lastRestoreTest ?? null };
}

async function detailed(
  context: Context,
  config: Config,
  name: string,
  fromSummaries: boolean,
): Promise<DetailDocument> {
  const database = config.databases[name];
  // The name becomes part of a key.
  if (!database && !NAME.test(name)) throw noSuchDatabase(name);
  const job = database?.schedule === undefined ? 'no-deployment' : backupJobOf(context, name);
  const state = fromSummaries
    ? await readSummary(context, name)
    : await loadFromCatalog(context, name);
  if (!database && (!state || (state.backups.length === 0 && state.runs.length === 0)))
    throw noSuchDatabase(name);
  const running = await runningOf(context, config, name, state);
  const at = context.now();
  return {
    version: 1,
    at: at.toISOString(),
    ...databaseDetail({ name, state, job: await job, running }, config, at),
  };
}

async function runningOf(
  { store, now }: Context,
  { databases, watch: { graceMs } }: Config,
  name: string,
  state: State | undefined,
): Promise<RunningBackup | undefined> {
  const database = databases[name];
  if (!database || !state) return undefined;
  const at = now();
  const newest = state.backups.find((each) => countsAt(each, at));
  const query = {
    name,
    schedule: { ...database, graceMs },
    newest: newest && new Date(newest.takenAt),
    runs: state.runs,
  };
  return findRunningBackup(store, query, at);
}

function noSuchDatabase(name: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `there is no database ${JSON.stringify(name.slice(0, 80))} in lifeboat.yaml or in the store`,
    'Run `lifeboat status` to list all databases.',
  );
}
