import { mapConcurrent } from '../lib/async.ts';
import { NAME } from '../config/database.ts';
import type { Config } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { worstOf } from './condition.ts';
import type { DetailDocument, StatusDocument } from '../documents/status.ts';
import type { Context } from '../context.ts';
import { databaseDetail, databaseStatus } from './database.ts';
import { backupJobOf, backupJobs } from '../schedule/jobs.ts';
import { storedDatabases } from '../catalog/list.ts';
import { readSummary, rebuildState, type State, summarisedDatabases } from '../state/state.ts';

/** How many summaries are read at once: each takes a round trip and some 70 KB. */
const READERS = 64;
/** How many catalogs; each is read by several readers itself. */
const CATALOGS = 4;

/**
 * The state of every database: those that are configured, and those that only the store knows. With
 * `fromSummaries` one object per database is read, by one request, and nothing else, as the
 * function status does: its identity may see no manifest.
 */
export function status(
  context: Context,
  config: Config,
  fromSummaries: boolean,
): Promise<StatusDocument> {
  return closing(fromSummaries, context, () => overview(context, config, fromSummaries));
}

/**
 * Everything about one database. Throws `not_found` when neither the configuration nor the store
 * knows it.
 */
export function statusOf(
  context: Context,
  config: Config,
  name: string,
  fromSummaries: boolean,
): Promise<DetailDocument> {
  return closing(fromSummaries, context, () => detailed(context, config, name, fromSummaries));
}

/**
 * A command ends after this; a function keeps the connection to Cloud Scheduler for the next
 * request.
 */
async function closing<T>(
  kept: boolean,
  { schedules }: Context,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    if (!kept) await schedules?.close().catch(() => undefined);
  }
}

async function overview(
  context: Context,
  config: Config,
  fromSummaries: boolean,
): Promise<StatusDocument> {
  const jobs = backupJobs(context, Object.values(config.databases));
  const stored = fromSummaries
    ? await summarisedDatabases(context)
    : await storedDatabases(context);
  const known = new Set(stored);
  const names = [...new Set([...Object.keys(config.databases), ...stored])].sort();
  const read = fromSummaries
    ? async (name: string) => (known.has(name) ? readSummary(context, name) : undefined)
    : (name: string) => anew(context, name);
  const at = context.now();
  const databases = await mapConcurrent(names, fromSummaries ? READERS : CATALOGS, async (name) => {
    const state = await read(name);
    return databaseStatus({ name, state, job: (await jobs)(name) }, config, at);
  });
  return {
    version: 1,
    at: at.toISOString(),
    condition: worstOf(databases.map(({ condition }) => condition)),
    databases,
  };
}

/**
 * From the catalog and the runs themselves, which nobody can have forgotten to update; only the
 * restore test is known to the summary alone.
 */
async function anew(context: Context, name: string): Promise<State> {
  const [state, known] = await Promise.all([
    rebuildState(context, name),
    readSummary(context, name),
  ]);
  return { ...state, lastRestoreTest: known?.lastRestoreTest ?? null };
}

async function detailed(
  context: Context,
  config: Config,
  name: string,
  fromSummaries: boolean,
): Promise<DetailDocument> {
  const configured = config.databases[name];
  // A name becomes a part of a key.
  if (!configured && !NAME.test(name)) throw absent(name);
  const job = configured?.schedule === undefined ? 'no-deployment' : backupJobOf(context, name);
  const state = fromSummaries ? await readSummary(context, name) : await anew(context, name);
  if (!configured && (!state || (state.backups.length === 0 && state.runs.length === 0)))
    throw absent(name);
  const at = context.now();
  return {
    version: 1,
    at: at.toISOString(),
    ...databaseDetail({ name, state, job: await job }, config, at),
  };
}

function absent(name: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `there is no database ${JSON.stringify(name.slice(0, 80))}`,
    'The status without a name shows all there are.',
  );
}
