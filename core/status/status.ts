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
import { databaseDetail, databaseStatus, type DatabaseFacts } from './database.ts';
import { countsAt } from '../catalog/document.ts';
import type { RunningBackup } from '../schedule/freshness.ts';
import { backupJobOf, backupJobs } from '../schedule/jobs.ts';
import { findRunningBackup } from '../state/running-backup.ts';
import { withSignal } from '../store/with-signal.ts';
import { storedDatabases } from '../catalog/list.ts';
import { summaryFacts } from '../state/facts.ts';
import {
  currentFacts,
  LEAST_BUNDLED_SUMMARIES,
  SUMMARIES_AT_ONCE,
} from '../state/overview-facts.ts';
import {
  listSummaries,
  MOST_RUNS,
  readSummary,
  rebuildState,
  type State,
  type SummaryListing,
} from '../state/state.ts';

type Loaded = Pick<DatabaseFacts, 'facts' | 'runs'>;

/** How many catalogs are listed at once; each has several readers of its own. */
const CATALOGS_AT_ONCE = 4;

export type StatusOptions = {
  /**
   * Reads only the summaries of the databases, or the bundle of them, as the function `status` must:
   * its identity has no right to read manifests.
   */
  readonly fromSummaries: boolean;
  /**
   * The databases whose runs the caller needs; the others may come without them. Undefined: all.
   * With few runs to read, the status of thousands of databases reads few summaries.
   */
  readonly selectRuns?: SelectRuns | undefined;
  /** Ends the reading of summaries. */
  readonly signal?: AbortSignal | undefined;
};
export type SelectRuns = (databases: readonly DatabaseStatus[]) => readonly DatabaseStatus[];

/** The state of every database in the configuration or in the store. */
export function status(
  context: Context,
  config: Config,
  options: StatusOptions,
): Promise<StatusDocument> {
  const { fromSummaries, signal } = options;
  const store = signal ? withSignal(context.store, signal) : context.store;
  return closing(fromSummaries, context, () => overview({ ...context, store }, config, options));
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
  { fromSummaries, selectRuns }: StatusOptions,
): Promise<StatusDocument> {
  const jobs = backupJobs(context, Object.values(config.databases));
  // A database whose every run failed has a summary and nothing else.
  const summaries = await listSummaries(context);
  const stored = fromSummaries ? [] : await storedDatabases(context);
  const configured = Object.keys(config.databases);
  const names = [...new Set([...configured, ...summaries.keys(), ...stored])].sort();
  const at = context.now();
  // Of many databases, the facts are read first, and then the runs of those that are shown.
  const isLarge = fromSummaries && summaries.size >= LEAST_BUNDLED_SUMMARIES;
  const selectLater = isLarge ? selectRuns : undefined;
  const load = selectLater
    ? await factsLoader(context, summaries, at)
    : fullLoader(context, summaries, fromSummaries);
  const statuses = await mapConcurrent(
    names,
    fromSummaries ? SUMMARIES_AT_ONCE : CATALOGS_AT_ONCE,
    async (name) => {
      const loaded = await load(name);
      const running = await runningOf(context, config, { name, facts: loaded.facts, at });
      return databaseStatus({ name, ...loaded, job: (await jobs)(name), running }, config, at);
    },
  );
  const databases = statuses.filter((each) => isListed(each, config));
  return {
    version: 1,
    at: at.toISOString(),
    condition: worstOf(databases.map(({ condition }) => condition)),
    databases: selectLater
      ? await withRuns(context, databases, { selection: selectLater(databases), summaries })
      : databases,
  };
}

/** Loads no runs. */
async function factsLoader(
  context: Context,
  summaries: SummaryListing,
  at: Date,
): Promise<(name: string) => Promise<Loaded>> {
  const entries = await currentFacts(context, summaries, at);
  return async (name) => ({ facts: entries.get(name)?.facts, runs: [] });
}

function fullLoader(
  context: Context,
  summaries: SummaryListing,
  fromSummaries: boolean,
): (name: string) => Promise<Loaded> {
  if (!fromSummaries) return async (name) => loadedFrom(await loadFromCatalog(context, name));
  return async (name) =>
    loadedFrom(summaries.has(name) ? await readSummary(context, name) : undefined);
}

function loadedFrom(state: State | undefined): Loaded {
  return { facts: state && summaryFacts(state), runs: state?.runs ?? [] };
}

/** With the runs of those that are selected. */
async function withRuns(
  context: Context,
  databases: readonly DatabaseStatus[],
  { selection, summaries }: { selection: readonly DatabaseStatus[]; summaries: SummaryListing },
): Promise<DatabaseStatus[]> {
  const names = selection.map(({ name }) => name).filter((name) => summaries.has(name));
  const states = await mapConcurrent(names, SUMMARIES_AT_ONCE, (name) =>
    readSummary(context, name),
  );
  const runs = new Map(names.map((name, n) => [name, states[n]?.runs.slice(-MOST_RUNS) ?? []]));
  return databases.map((each) => ({ ...each, runs: runs.get(each.name) ?? each.runs }));
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
  const at = context.now();
  const running = await runningOf(context, config, {
    name,
    facts: state && summaryFacts(state),
    at,
  });
  return {
    version: 1,
    at: at.toISOString(),
    ...databaseDetail({ name, state, job: await job, running }, config, at),
  };
}

async function runningOf(
  { store }: Context,
  { databases, watch: { graceMs } }: Config,
  { name, facts, at }: Pick<DatabaseFacts, 'name' | 'facts'> & { readonly at: Date },
): Promise<RunningBackup | undefined> {
  const database = databases[name];
  if (!database || !facts) return undefined;
  const newest = facts.backups.find((each) => countsAt(each, at));
  const query = {
    name,
    schedule: { ...database, graceMs },
    newest: newest && new Date(newest.takenAt),
    longestMs: facts.longestBackupMs,
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
