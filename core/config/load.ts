// Reads, checks and resolves lifeboat.yaml. Reports all problems together, each with its line, and
// needs no secret. Imports schedule, sqlite's list of frameworks and lib.
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { LifeboatError, systemCode } from '../lib/errors.ts';
import { crossKeyProblems, type CrossKeyOptions } from './consistency.ts';
import { database } from './database.ts';
import { findConfig } from './find.ts';
import { formatProblem, schemaProblems } from './problems.ts';
import { configSchema, jsonSchema } from './schema.ts';
import type { Config, DatabaseConfig } from './types.ts';
import { expandHome, expandPaths } from './home.ts';
import { filePath, parseStoreAddress, storeUrl } from './store-address.ts';
import { sourceKind, parseSourceAddress, sourceAddressProblem } from './source-address.ts';
import { ownUserName } from '../lib/user-name.ts';

export type { Config, DatabaseConfig } from './types.ts';

const CONFIG_HINT = 'docs/configuration.md lists every key.';

type Setting = { readonly configured: boolean; readonly base: string; readonly timeZone: string };

export type LoadOptions = {
  readonly configPath?: string | undefined;
  /** The content, when it is not in a file but was read from a bucket. */
  readonly content?: string | undefined;
  /** From --store or LIFEBOAT_STORE; relative to `cwd`. */
  readonly store?: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether this runs as a cloud function, which loses its folders when it ends. */
  readonly inCloud: boolean;
};

/**
 * Parses the text of a lifeboat.yaml. Paths are relative to `base`, and `~/` is `home`; `store`
 * overrides the file's and is absolute; with `inCloud` no folder is allowed. Throws one
 * `config_invalid` that lists every problem with its path and line. Secrets are not needed.
 */
export function parseConfig(
  text: string,
  base: string,
  more: { inCloud?: boolean; store?: string | undefined; home?: string | undefined } = {},
): Config {
  const options = { base, inCloud: more.inCloud ?? false, store: more.store };
  const lines = new LineCounter();
  // The warnings of the parser would quote the file on stderr, with the tokens in its addresses.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: true,
    logLevel: 'error',
  });
  const syntaxErrors = [...document.errors, ...document.warnings].map(
    ({ message }) => message.split('\n')[0]?.replace(/:$/, '') ?? '',
  );
  const hint = /^\s*schedule:\s*\*/m.test(text)
    ? 'Put a schedule that begins with * in quotes.'
    : CONFIG_HINT;
  if (syntaxErrors.length > 0)
    throw invalid(`the configuration is not valid YAML: ${syntaxErrors.join('; ')}`, hint);
  let value: unknown;
  try {
    value = expandPaths(document.toJS() ?? {}, more.home);
  } catch (cause) {
    throw invalid(
      `the configuration is not valid YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint,
      cause,
    );
  }
  const result = configSchema.safeParse(value);
  const problems = [
    ...(result.success ? [] : schemaProblems(result.error.issues, value, jsonSchema())),
    ...crossKeyProblems(value, options),
  ];
  if (problems.length > 0 || !result.success)
    throw withProblems(problems.map((each) => formatProblem(each, document, lines)));
  return toConfig(result.data, options);
}

/**
 * Reads the file that `findConfig` finds; without one, the configuration is empty and the store
 * ./backups. Throws `config_invalid`.
 */
export async function loadConfig({
  configPath,
  content,
  store,
  cwd,
  env,
  inCloud,
}: LoadOptions): Promise<Config> {
  const home = inCloud ? undefined : env['HOME'];
  const more = {
    inCloud,
    home,
    store: store === undefined ? undefined : absoluteStore(expandHome(store, home), cwd),
  };
  if (content !== undefined) return parseConfig(content, cwd, more);
  const path = await findConfig({ configPath, cwd, env });
  if (path === undefined) return parseConfig('', cwd, more);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadableConfig(path, cause);
  }
  return parseConfig(text, dirname(path), more);
}

/**
 * A database that is named by its path or address instead of a configured name: every setting has
 * its default, and the name is the stem of the file. Throws `usage`.
 */
export function adHocDatabase(text: string, base: string, timeZone = 'UTC'): DatabaseConfig {
  const source = /^([a-z][a-z0-9+.-]*:\/\/|file:)/i.test(text) ? text : resolve(base, text);
  const kind = sourceKind(source);
  const problem =
    kind === 'ssh'
      ? "needs the server's host key from lifeboat.yaml"
      : sourceAddressProblem(source);
  // The text may contain a password or a token.
  const safeText = source.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/, '');
  if (problem !== undefined)
    throw new LifeboatError(
      'usage',
      `${safeText}: ${problem}`,
      'Use a name from lifeboat.yaml, or the path of a database file.',
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

function unreadableConfig(path: string, cause: unknown): LifeboatError {
  const code = systemCode(cause);
  return code === 'ENOENT'
    ? invalid(
        `there is no ${path}`,
        'Check --config and LIFEBOAT_CONFIG, or create the file with `lifeboat init`.',
        cause,
      )
    : invalid(
        `user ${ownUserName()} cannot read the configuration ${path} (${code ?? String(cause)})`,
        'Check the owner and the mode of the file, or name another one with --config.',
        cause,
      );
}

function invalid(message: string, hint = CONFIG_HINT, cause?: unknown) {
  return new LifeboatError('config_invalid', message, hint, { cause });
}

function withProblems(problems: readonly string[]): LifeboatError {
  const start = problems.length === 1 ? 'a problem: ' : `${problems.length} problems:\n  `;
  return invalid(`the configuration has ${start}${problems.join('\n  ')}`);
}

/** The file's own paths are relative to its folder, but this one is relative to `cwd`. */
function absoluteStore(store: string, cwd: string): string {
  if (store.startsWith('file:')) return filePath(store, cwd) ?? store;
  const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(store);
  return isAddress || store === '' || store.startsWith('~') ? store : resolve(cwd, store);
}

function toConfig(values: z.output<typeof configSchema>, options: CrossKeyOptions): Config {
  const { timeZone, restoreTest, watch } = values;
  const { base } = options;
  const store = storeUrl(parseStoreAddress(options.store ?? values.store, base));
  // Without a prototype, so that a lookup of `constructor` finds no database.
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
