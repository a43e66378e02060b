import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { App } from './app-types.ts';
import { createCatalog } from './archive/catalog.ts';
import { parseKeys } from './archive/keys.ts';
import { adHocDatabase, loadConfig, type DatabaseConfig } from './config/load.ts';
import { LifeboatError } from './errors.ts';
import { backup } from './operations/backup.ts';
import type { Context, Log } from './operations/context.ts';
import { list, storedDatabases } from './operations/list.ts';
import { prune, retire, tidy } from './operations/prune.ts';
import { query } from './operations/query.ts';
import { restore } from './operations/restore.ts';
import { status } from './operations/status.ts';
import { verify } from './operations/verify.ts';
import { sweepWorkspaces } from './sqlite/workspace.ts';
import { createDirectoryStore } from './store/directory.ts';
import type { Store } from './store/store.ts';

export type OpenOptions = {
  readonly configPath?: string;
  readonly store?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  readonly overrides?: Partial<Context>;
};

const version = async (): Promise<string> => {
  const depth = import.meta.url.endsWith('.ts') ? '..' : '../..';
  const text = await readFile(new URL(`${depth}/package.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/** A folder, or a bucket; what belongs to the bucket is loaded only when one is meant, and Google's client only when it is called. */
const storeAt = async (place: string, cwd: string, env: OpenOptions['env']): Promise<Store> => {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(place)) return createDirectoryStore(resolve(cwd, place));
  const [{ createGcsStore }, { looksLikeGcs, parseGcsUrl }] = await Promise.all([import('./store/gcs.ts'), import('./store/gcs/url.ts')]);
  if (!looksLikeGcs(place))
    throw new LifeboatError(
      'config_invalid',
      `the store ${place} is neither a folder nor a bucket`,
      'Give a folder or gs://bucket/prefix.',
    );
  const endpoint = env['LIFEBOAT_GCS_ENDPOINT'];
  const clients = async () => (await import('./google/storage.ts')).openStorage(endpoint ? { endpoint } : {});
  return createGcsStore({ ...parseGcsUrl(place), clients });
};

/** The composition root: configuration and environment become an app. Nothing is created on disk before an operation asks for it. */
export const openApp = async ({ configPath, store: place, cwd, env, log = () => undefined, overrides = {} }: OpenOptions): Promise<App> => {
  const config = await loadConfig({ ...(configPath === undefined ? {} : { configPath }), cwd, env });
  const store = overrides.store ?? (await storeAt(place ?? env['LIFEBOAT_STORE'] ?? config.store, cwd, env));
  const keys = parseKeys(env['LIFEBOAT_IDENTITY'], env['LIFEBOAT_KEY']);
  const now = overrides.now ?? (() => new Date());
  const context: Context = {
    store,
    keys,
    now,
    log,
    catalog: createCatalog(store, keys.key, now),
    random: randomBytes,
    temporary: env['TMPDIR'] ?? tmpdir(),
    tool: `lifeboat ${await version()}`,
    ...overrides,
  };
  // A name wins over a file of the same name in the current folder: scripts name databases.
  const databaseOf = (name: string): DatabaseConfig => config.databases[name] ?? adHocDatabase(resolve(cwd, name));
  const nameOf = (name: string): string => (/[/.]/.test(name) ? databaseOf(name).name : name);
  return {
    config,
    backup: async (name, { key, ...options }) => {
      await sweepWorkspaces(context.temporary);
      const request = { ...options, key: key ?? context.random(16).toString('hex'), requestedAt: now() };
      const document = await backup(context, databaseOf(name), request);
      await tidy(context);
      return document;
    },
    restore: (name, options) => restore(context, nameOf(name), { ...options, to: resolve(cwd, options.to) }),
    list: async (name, options) =>
      list(context, name === undefined ? await storedDatabases(context) : [nameOf(name)], options?.all ?? false),
    status: () => status(context, config),
    verify: (name, options) => verify(context, nameOf(name), options),
    prune: ({ dryRun }) => prune(context, dryRun),
    query: (name, { at, sql, signal }) => query(context, nameOf(name), at, sql, signal),
    retire: (name) => retire(context, nameOf(name)),
  };
};
