// The composition root: builds the App that the command line and the functions call, from the
// configuration and the environment. Nothing is created on disk or connected before an operation
// needs it. Imports every folder but `setup`.
import { resolve } from 'node:path';
import type { App, BackupOptions } from './app.ts';
import { requestIdentity } from './backup-request.ts';
import { readConfiguration } from './configuration.ts';
import { createContext, type Notify } from './context.ts';
import { createDatabases, suggestName, type Databases } from './databases.ts';
import { operations } from './operations.ts';
import { redactedApp } from './redacted-app.ts';
import { packageVersion } from './version.ts';
import { openNotifier, type Environment } from './adapters.ts';
import { canonicalAt, sinceTime, type AtClock } from '../catalog/at.ts';
import { list, storedDatabases } from '../catalog/list.ts';
import { isCloudRun } from '../config/cloud-run.ts';
import type { Config, DatabaseConfig } from '../config/load.ts';
import { configuredSecrets, environmentSecrets } from '../config/secrets.ts';
import type { Context } from '../context.ts';
import type { BackupDocument, BackupResult } from '../documents/backup.ts';
import { LifeboatError } from '../lib/errors.ts';
import { redactedLog, type Log } from '../lib/log/log.ts';
import { createRedaction, hideInError, type Redaction } from '../lib/log/redaction.ts';
import type { Report } from '../restore/report.ts';
import { boundContext } from '../runs/deadline.ts';
import { sweepWorkspaces } from '../sqlite/workspace.ts';
import { stateKey } from '../state/stored.ts';

export type OpenOptions = {
  /** A path, or gs://bucket/object; by default LIFEBOAT_CONFIG. */
  readonly configPath?: string | undefined;
  /** How long to wait for a configuration in a bucket, ms. */
  readonly patienceMs?: number | undefined;
  /** Takes the place of the configured store; relative to `cwd`. */
  readonly store?: string | undefined;
  readonly cwd: string;
  readonly env: Environment;
  readonly log?: Log;
  /** Learns the secrets of the configuration. By default, one that knows those of `env`. */
  readonly redaction?: Redaction;
  /** Accept only configured databases: a request must not name a file of the machine. */
  readonly configuredOnly?: boolean;
  /** Whether failures and recoveries are sent to the configured channels. */
  readonly notify?: Notify;
  readonly overrides?: Partial<Context>;
};

type Opened = {
  readonly config: Config;
  readonly context: Context;
  readonly databases: Databases;
};

/**
 * Throws `config_invalid`, `key_wrong` for keys that cannot be read, and `store_unreachable` when
 * the configuration is in a bucket.
 */
export async function openApp(options: OpenOptions): Promise<App> {
  return (await openConfiguredApp(options)).app;
}

type ConfiguredApp = { readonly app: App; readonly generation: string | undefined };

/** The App, and the generation of the configuration that it has when that is in a bucket. */
export async function openConfiguredApp(options: OpenOptions): Promise<ConfiguredApp> {
  const redaction = options.redaction ?? createRedaction(environmentSecrets(options.env));
  try {
    const { app, generation } = await openUnredacted(options, redaction);
    return { app: redactedApp(app, redaction.hide), generation };
  } catch (error) {
    throw hideInError(error, redaction.hide);
  }
}

async function openUnredacted(
  options: OpenOptions,
  { hide, learn }: Redaction,
): Promise<ConfiguredApp> {
  const { configPath, cwd, env, configuredOnly = false, notify = false, overrides = {} } = options;
  const log = redactedLog(options.log ?? (() => undefined), hide);
  const { config, generation } = await readConfiguration({
    configPath,
    patienceMs: options.patienceMs,
    store: options.store ?? env['LIFEBOAT_STORE'],
    cwd,
    env,
    inCloud: isCloudRun(env),
  });
  learn(configuredSecrets(config));
  const version = await packageVersion();
  const context = await createContext(config, { env, log, hide, version, notify, overrides });
  const databases = createDatabases(config, { cwd, configuredOnly });
  return { app: appOf({ config, context, databases }, { cwd, env, log, version }), generation };
}

type AppEnvironment = Pick<OpenOptions, 'cwd' | 'env'> & {
  readonly log: Log;
  readonly version: string;
};

function appOf(app: Opened, { cwd, env, log, version }: AppEnvironment): App {
  const { config, context, databases } = app;
  const { storedName } = databases;
  return {
    config,
    version,
    requireConfigured: databases.requireConfigured,
    fanOut: async (topic, message, origin) =>
      (await operations.messages()).fanOut(
        context.publisher,
        topic,
        inFunctions(config, env).map(({ name }) => name),
        { message, origin },
      ),
    backup: (name, request) => backUp(app, name, request),
    restore: async (name, request) =>
      (await operations.restore()).restore(
        boundContext(context, request.signal),
        storedName(name),
        {
          ...request,
          at: chosenTime(app, name, request.at),
          to: resolve(cwd, request.to),
        },
      ),
    list: (name, request) => listStored(app, name, request),
    status: async (request = { fromSummaries: false }) =>
      (await operations.status()).status(context, config, request),
    statusOf: async (name, request) =>
      (await operations.status()).statusOf(context, config, name, request?.fromSummaries ?? false),
    verify: async (name, request) =>
      (await operations.verify()).verify(
        boundContext(context, request.signal),
        await requireStored(app, name),
        { ...request, at: request.at && chosenTime(app, name, request.at) },
        config.databases[name],
      ),
    restoreTest: (name, request) => testRestores(app, inFunctions(config, env), name, request),
    prune: async ({ dryRun }) => (await operations.prune()).prune(context, dryRun),
    query: (name, request) => queryStored(app, name, request),
    diff: (name, request) => diffStored(app, name, request),
    retire: async (name, options) =>
      (await operations.retire()).retire(context, await requireStored(app, name), {
        ...options,
        dailyDays: config.databases[name]?.retention.daily,
      }),
    watch: async (request) => (await operations.watch()).watch(context, config, request ?? {}),
    notifyTest: async () =>
      (await operations.notifyTest()).notifyTest(
        context.notifier ?? (await openNotifier(config, env, log, context.now)),
        {
          at: context.now(),
          tool: context.tool,
          timeZone: config.timeZone,
        },
      ),
  };
}

async function queryStored(
  app: Opened,
  name: string,
  request: Parameters<App['query']>[1],
): ReturnType<App['query']> {
  const { context, databases } = app;
  await sweepWorkspaces(context.temporary);
  const { query } = await operations.query();
  return query(boundContext(context, request.signal), databases.storedName(name), {
    ...request,
    at: chosenTime(app, name, request.at),
  });
}

async function diffStored(
  app: Opened,
  name: string,
  { from, to, rows }: Parameters<App['diff']>[1],
): ReturnType<App['diff']> {
  const { context } = app;
  if (rows) await sweepWorkspaces(context.temporary);
  const { diff } = await operations.diff();
  return diff(boundContext(context, rows?.signal), await requireStored(app, name), {
    from: from && chosenTime(app, name, from),
    to: chosenTime(app, name, to),
    rows,
  });
}

async function backUp(
  { context, databases }: Opened,
  name: string,
  options: BackupOptions,
): Promise<BackupResult> {
  const database = databases.find(name);
  // A store that cannot be read fails the run, which records and reports it.
  await databases.requireSource(name, (storedName) =>
    isStored(context, storedName).catch(() => true),
  );
  await sweepWorkspaces(context.temporary);
  const identity = await requestIdentity(context, database, options);
  const { backup } = await operations.backup();
  const document = await backup(context, database, { ...options, ...identity });
  const { tidy } = await operations.prune();
  await tidy(context);
  return document;
}

/** `--at` in its canonical form: its days and times are those of the database's zone. */
function chosenTime(app: Opened, name: string, at: string): string {
  return canonicalAt(at, clockOf(app, name));
}

function clockOf({ config, context }: Opened, name: string | undefined): AtClock {
  const database = name === undefined ? undefined : config.databases[name];
  return { now: context.now(), timeZone: database?.timeZone ?? config.timeZone };
}

async function listStored(
  app: Opened,
  name: string | undefined,
  { all, since, limit }: NonNullable<Parameters<App['list']>[1]> = { all: false },
): Promise<BackupDocument[]> {
  const { context } = app;
  const firstOf = (database: string | undefined): number =>
    since === undefined ? -Infinity : sinceTime(since, clockOf(app, database));
  // A mistyped time is refused even where there are no backups.
  firstOf(name);
  const names =
    name === undefined ? await storedDatabases(context) : [await requireStored(app, name)];
  const first = new Map(names.map((each) => [each, firstOf(each)]));
  const backups = (await list(context, names, all)).filter(
    ({ database, takenAt }) => Date.parse(takenAt) >= (first.get(database) ?? -Infinity),
  );
  return backups.slice(0, limit);
}

/** The stored name of a database. Throws `not_found` when it is neither configured nor stored. */
async function requireStored(
  { config, context, databases }: Opened,
  name: string,
): Promise<string> {
  const storedName = databases.storedName(name);
  if (config.databases[name]) return storedName;
  if (await isStored(context, storedName)) return storedName;
  const names = await storedDatabases(context);
  throw new LifeboatError(
    'not_found',
    `there are no backups of ${storedName} in ${context.store.url}`,
    suggestName(storedName, [...new Set([...names, ...context.configured])], 'the store'),
  );
}

/** A database whose backups somebody deleted still has its state, so `verify` can report them. */
async function isStored({ store }: Context, name: string): Promise<boolean> {
  const first = await store.list(`databases/${name}/`)[Symbol.asyncIterator]().next();
  return first.done !== true || (await store.stat(stateKey(name))) !== undefined;
}

/**
 * The databases that a function can work on. Those with `run: job` have Cloud Run jobs of their own;
 * a host has no such jobs.
 */
function inFunctions({ databases }: Config, env: Environment): DatabaseConfig[] {
  return Object.values(databases).filter(({ run }) => run !== 'job' || !isCloudRun(env));
}

async function testRestores(
  app: Opened,
  ofRounds: readonly DatabaseConfig[],
  name: string | undefined,
  { round, deadlineMs, signal }: Parameters<App['restoreTest']>[1],
): ReturnType<App['restoreTest']> {
  const { config, context, databases } = app;
  if (name !== undefined) await requireStored(app, name);
  const ownRound = context.random(8).toString('hex');
  await sweepWorkspaces(context.temporary);
  const { restoreTest, watch: schedule } = config;
  const settings = { older: restoreTest.older, graceMs: schedule.graceMs, deadlineMs, signal };
  const names = name === undefined ? context.configured : [name];
  const subjects = names.map(databases.find);
  const { runRestoreTest } = await operations.restoreTest();
  const reports: Report[] = [];
  for (const database of subjects)
    reports.push(await runRestoreTest(context, database, round ?? ownRound, settings));
  // After a fan-out each function tests one database; the last one reports all.
  const ofRound = round === undefined ? subjects : ofRounds;
  const { announceRound } = await operations.round();
  await announceRound(context, ofRound, reports);
  return { databases: reports };
}
