import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { LifeboatError } from '../lib/errors.ts';
import { crossFaults, type CrossOptions } from './consistency.ts';
import { database } from './database.ts';
import { schemaFaults, tell } from './faults.ts';
import { configSchema, jsonSchema } from './schema.ts';
import type { Config, DatabaseConfig } from './types.ts';
import { parseStoreAddress, storeUrl } from './store-address.ts';
import { sourceKind, parseSourceAddress, sourceAddressFault } from './source-address.ts';

export type { Config, DatabaseConfig } from './types.ts';

const HINT = 'docs/configuration.md lists every key.';

type Setting = { readonly configured: boolean; readonly base: string; readonly timeZone: string };

export type LoadOptions = {
  readonly configPath?: string | undefined;
  /** What --store or LIFEBOAT_STORE says; relative to `cwd`. */
  readonly store?: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether this runs as a cloud function, where folders do not last. */
  readonly inCloud: boolean;
};

/**
 * Reads the text of a lifeboat.yaml. Relative paths start at `base`; `store` is one that was named
 * elsewhere, in full; with `inCloud` nothing may be a folder. Throws one `config_invalid` that
 * names every fault with its path and line. Secrets are not needed, and not looked at.
 */
export function parseConfig(
  text: string,
  base: string,
  more: { inCloud?: boolean; store?: string | undefined } = {},
): Config {
  const options = { base, inCloud: more.inCloud ?? false, store: more.store };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const broken = [...document.errors, ...document.warnings].map(
    ({ message }) => message.split('\n')[0]?.replace(/:$/, '') ?? '',
  );
  const quotes = /^\s*schedule:\s*\*/m.test(text)
    ? 'A schedule that begins with * must be in quotes.'
    : HINT;
  if (broken.length > 0)
    throw invalid(`the configuration is not YAML: ${broken.join('; ')}`, quotes);
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (cause) {
    throw invalid(
      `the configuration is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      quotes,
      cause,
    );
  }
  const parsed = configSchema.safeParse(value);
  const faults = [
    ...(parsed.success ? [] : schemaFaults(parsed.error.issues, value, jsonSchema())),
    ...crossFaults(value, options),
  ];
  if (faults.length > 0 || !parsed.success)
    throw told(faults.map((fault) => tell(fault, document, lines)));
  return toConfig(parsed.data, options);
}

/**
 * The file that --config or LIFEBOAT_CONFIG names, else ./lifeboat.yaml, else an empty
 * configuration with the store ./backups.
 */
export async function loadConfig({
  configPath,
  store,
  cwd,
  env,
  inCloud,
}: LoadOptions): Promise<Config> {
  const named = configPath ?? env['LIFEBOAT_CONFIG'];
  const path = resolve(cwd, named ?? 'lifeboat.yaml');
  const more = {
    inCloud,
    ...(store === undefined
      ? {}
      : {
          store:
            /^[a-z][a-z0-9+.-]*:/i.test(store) || store === '' || store.startsWith('~')
              ? store
              : resolve(cwd, store),
        }),
  };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (named === undefined && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      return parseConfig('', cwd, more);
    throw invalid(`the configuration ${path} cannot be read`, HINT, cause);
  }
  return parseConfig(text, dirname(path), more);
}

/**
 * A path (or the address of an object) instead of a configured name: every setting has its default,
 * the name is the file's stem. Throws `usage`.
 */
export function adHocDatabase(given: string, base: string, timeZone = 'UTC'): DatabaseConfig {
  const source = /^([a-z][a-z0-9+.-]*:\/\/|file:)/i.test(given) ? given : resolve(base, given);
  const kind = sourceKind(source);
  const fault = kind === 'ssh' ? "needs the server's key" : sourceAddressFault(source);
  // What was typed may hold a password or a token.
  const shown = source.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/, '');
  if (fault !== undefined)
    throw new LifeboatError(
      'usage',
      `${shown}: ${fault}`,
      'Name the database in lifeboat.yaml, or give the path of its file.',
    );
  const { source: name } = parseSourceAddress(source, base, {});
  const stem = basename(name, extname(name))
    .replaceAll(/[^a-z0-9_-]/gi, '-')
    .replace(/^[_-]+/, '')
    .slice(0, 63);
  return toDatabase(stem || 'database', database.parse({ source }), {
    configured: false,
    base,
    timeZone,
  });
}

function invalid(message: string, hint = HINT, cause?: unknown) {
  return new LifeboatError('config_invalid', message, hint, { cause });
}

function told(faults: readonly string[]) {
  return invalid(
    `the configuration has ${faults.length === 1 ? 'a fault: ' : `${faults.length} faults:\n  `}${faults.join('\n  ')}`,
  );
}

function toConfig(values: z.output<typeof configSchema>, options: CrossOptions): Config {
  const { timeZone, restoreTest, watch } = values;
  const { base } = options;
  const store = storeUrl(parseStoreAddress(options.store ?? values.store, base));
  // Without a prototype, so that a database that is called `constructor` is not found where none is
  // configured.
  const databases = Object.create(null) as Record<string, DatabaseConfig>;
  for (const [name, each] of Object.entries(values.databases))
    databases[name] = toDatabase(name, each, { configured: true, base, timeZone });
  return {
    ...values,
    store,
    copies: values.copies
      .map((copy) => storeUrl(parseStoreAddress(copy, base)))
      .filter((copy) => copy !== store),
    databases,
    restoreTest: { ...restoreTest, timeZone: restoreTest.timeZone ?? timeZone },
    watch: { ...watch, timeZone: watch.timeZone ?? timeZone },
  };
}

function toDatabase(
  name: string,
  { ssh, https, ...values }: z.output<typeof database>,
  { configured, base, timeZone }: Setting,
): DatabaseConfig {
  return {
    ...values,
    ...parseSourceAddress(values.source, base, { ssh, https }),
    name,
    configured,
    schedule: values.schedule,
    timeZone: values.timeZone ?? timeZone,
  };
}
