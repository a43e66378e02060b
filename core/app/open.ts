import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { App } from './app.ts';
import { createCatalog } from '../catalog/catalog.ts';
import { parseKeys } from '../format/keys.ts';
import { adHocDatabase, loadConfig, type DatabaseConfig } from '../config/load.ts';
import { LifeboatError } from '../lib/errors.ts';
import { createSpaceProbe } from '../space/probe.ts';
import {
  openNotifier,
  openPublisher,
  openSchedules,
  openSource,
  openStore,
  type Environment,
} from './adapters.ts';
import { backup } from '../backup/backup.ts';
import type { Context } from '../context.ts';
import { list, storedDatabases } from '../catalog/list.ts';
import { fanOut } from '../messages/messages.ts';
import { notifyTest } from '../notify/test.ts';
import { prune, retire, tidy } from '../upkeep/prune.ts';
import { query } from '../restore/query.ts';
import { claimRequest } from '../runs/request.ts';
import { announceRound } from '../restore/round.ts';
import { runRestoreTest, type Report } from '../restore/report.ts';
import { restore } from '../restore/restore.ts';
import { status, statusOf } from '../status/status.ts';
import { boundContext } from '../runs/deadline.ts';
import { verify } from '../upkeep/verify.ts';
import { watch } from '../watch/watch.ts';
import { sweepWorkspaces } from '../sqlite/workspace.ts';
import type { Log } from '../lib/log.ts';

/** How many names an error lists: a caller learns enough from them, and the rest is noise. */
const MOST_NAMES = 5;

export type OpenOptions = {
  readonly configPath?: string;
  readonly store?: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly log?: Log;
  /** Accept only configured databases: a request must not name a file of the machine. */
  readonly configuredOnly?: boolean;
  /** Whether failures and recoveries are sent to the configured channels. */
  readonly notify?: boolean;
  readonly overrides?: Partial<Context>;
};

/**
 * The composition root: builds the app from configuration and environment. Nothing is created on
 * disk before an operation needs it.
 */
export async function openApp(options: OpenOptions): Promise<App> {
  const {
    configPath,
    store: place,
    cwd,
    env,
    log = () => undefined,
    configuredOnly = false,
    notify = false,
    overrides = {},
  } = options;
  const named = place ?? env['LIFEBOAT_STORE'];
  const config = await loadConfig({
    ...(configPath === undefined ? {} : { configPath }),
    ...(named === undefined ? {} : { store: named }),
    cwd,
    env,
    inCloud: env['K_SERVICE'] !== undefined,
  });
  const store = overrides.store ?? (await openStore(config.store, env));
  const keys = parseKeys(env['LIFEBOAT_IDENTITY'], env['LIFEBOAT_KEY']);
  const now = overrides.now ?? (() => new Date());
  const copies = await Promise.all(config.copies.map((url) => openStore(url, env)));
  const names = Object.keys(config.databases);
  const own = await version();
  const context: Context = {
    store,
    copies: copies.map((copy) => ({ store: copy, catalog: createCatalog(copy, keys, now) })),
    keys,
    openSource: (database) => openSource(database, env, now),
    publisher: openPublisher(env, now),
    notifier: notify && !overrides.notifier ? await openNotifier(config, env, log, now) : undefined,
    configured: names,
    repeatMs: config.notify.repeatMs,
    project: env['GOOGLE_CLOUD_PROJECT'],
    schedules: openSchedules(env),
    now,
    log,
    catalog: createCatalog(store, keys, now),
    random: randomBytes,
    space: createSpaceProbe(env, config.space.reserve),
    temporary: env['TMPDIR'] ?? tmpdir(),
    tool: `lifeboat ${own}`,
    ...overrides,
  };
  // A name wins over a file of the same name in the current folder: scripts name databases.
  const databaseOf = (name: string): DatabaseConfig => {
    const configured = config.databases[name];
    if (configured) return configured;
    if (configuredOnly) throw unknown(name, names);
    return adHocDatabase(name, cwd, config.timeZone);
  };
  const nameOf = (name: string): string => (/[/.]/.test(name) ? databaseOf(name).name : name);
  return {
    config,
    version: own,
    requireConfigured: (name) => {
      if (name !== '*' && !config.databases[name]) throw unknown(name, names);
    },
    fanOut: (topic, message, origin) => fanOut(context.publisher, topic, names, message, origin),
    backup: async (
      name,
      { key = context.random(16).toString('hex'), requestedAt = now(), claim = false, ...asked },
    ) => {
      const database = databaseOf(name);
      await sweepWorkspaces(context.temporary);
      const { kind, reason, accept, expectMigrations } = asked;
      const at = claim
        ? await claimRequest(store, {
            database: database.name,
            key,
            request: { kind, reason, accept, expectMigrations },
            at: requestedAt,
          })
        : requestedAt;
      const document = await backup(context, database, { ...asked, key, requestedAt: at });
      await tidy(context);
      return document;
    },
    restore: (name, wanted) =>
      restore(boundContext(context, wanted.signal), nameOf(name), {
        ...wanted,
        to: resolve(cwd, wanted.to),
      }),
    list: async (name, wanted) =>
      list(
        context,
        name === undefined ? await storedDatabases(context) : [nameOf(name)],
        wanted?.all ?? false,
      ),
    status: (wanted) => status(context, config, wanted?.fromSummaries ?? false),
    statusOf: (name, wanted) => statusOf(context, config, name, wanted?.fromSummaries ?? false),
    verify: (name, wanted) =>
      verify(boundContext(context, wanted.signal), nameOf(name), wanted, config.databases[name]),
    restoreTest: async (name, { round: ofAll, deadlineMs, signal }) => {
      const alone = context.random(8).toString('hex');
      await sweepWorkspaces(context.temporary);
      const { older } = config.restoreTest;
      const settings = {
        older,
        graceMs: config.watch.graceMs,
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        ...(signal ? { signal } : {}),
      };
      const tested = (name === undefined ? names : [name]).map(databaseOf);
      const databases: Report[] = [];
      for (const each of tested)
        databases.push(await runRestoreTest(context, each, ofAll ?? alone, settings));
      // After a fan-out each function tests one database; the last one reports all.
      await announceRound(
        context,
        ofAll === undefined ? tested : Object.values(config.databases),
        databases,
      );
      return { databases };
    },
    prune: ({ dryRun }) => prune(context, dryRun),
    query: async (name, wanted) => {
      await sweepWorkspaces(context.temporary);
      return query(boundContext(context, wanted.signal), nameOf(name), wanted);
    },
    retire: (name) => retire(context, nameOf(name), config.databases[name]?.retention.daily),
    watch: (wanted) => watch(context, config, wanted ?? {}),
    notifyTest: async () =>
      notifyTest(context.notifier ?? (await openNotifier(config, env, log, now)), {
        at: now(),
        tool: context.tool,
        timeZone: config.timeZone,
      }),
  };
}

async function version(): Promise<string> {
  const depth = import.meta.url.endsWith('.ts') ? '../..' : '../../..';
  const text = await readFile(new URL(`${depth}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function unknown(name: string, names: readonly string[]) {
  return new LifeboatError(
    'not_found',
    `no database ${JSON.stringify(name)} is configured`,
    names.length > 0
      ? `The configuration has ${few(names)}.`
      : 'The configuration has no database: add it to lifeboat.yaml.',
  );
}

function few(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
