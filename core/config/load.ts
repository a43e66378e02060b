import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { LifeboatError } from '../errors.ts';
import type { Retention } from '../policy/retention.ts';
import type { InspectOptions } from '../sqlite/types.ts';
import { configSchema, parseDatabase } from './schema.ts';

export type DatabaseConfig = {
  readonly name: string;
  /** Whether the configuration names it, or it was given by its path. */
  readonly configured: boolean;
  /** Absolute path of the database file. */
  readonly source: string;
  readonly schedule: string | undefined;
  readonly timeZone: string;
  readonly fullEveryMs: number;
  readonly retention: Retention;
  readonly assertions: InspectOptions['assertions'];
  readonly inspection: Pick<InspectOptions, 'integrity' | 'sandboxLimit' | 'timeoutMs' | 'allowEmpty' | 'foreignKeys'>;
  readonly recipients: readonly string[];
};
export type Config = { readonly store: string; readonly databases: Readonly<Record<string, DatabaseConfig>> };

const HINT = 'docs/configuration.md lists every key.';
const invalid = (message: string, cause?: unknown) => new LifeboatError('config_invalid', message, HINT, { cause });

const toDatabase = (name: string, configured: boolean, value: ReturnType<typeof parseDatabase>, base: string): DatabaseConfig => {
  const { inspection } = value;
  return {
    name,
    configured,
    source: value.source.startsWith('file:') ? fileURLToPath(value.source) : resolve(base, value.source),
    schedule: value.schedule,
    timeZone: value.timeZone,
    fullEveryMs: value.full.every,
    retention: value.retention,
    assertions: value.assertions,
    inspection: {
      integrity: inspection.integrity,
      sandboxLimit: inspection.sandboxLimit,
      timeoutMs: inspection.timeout,
      allowEmpty: inspection.allowEmpty,
      foreignKeys: inspection.foreignKeys,
    },
    recipients: value.encryption?.recipients ?? [],
  };
};

const fault = (issue: z.core.$ZodIssue): string => `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`;

/** Reads the text of a lifeboat.yaml. Throws one `config_invalid` that names every fault with its path. */
export const parseConfig = (text: string, base: string): Config => {
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (cause) {
    throw invalid(
      `the configuration is not YAML: ${cause instanceof YAMLParseError ? (cause.message.split('\n')[0] ?? '') : String(cause)}`,
      cause,
    );
  }
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    throw invalid(`the configuration has ${parsed.error.issues.length} fault(s): ${parsed.error.issues.map(fault).join('; ')}`);
  const databases = Object.entries(parsed.data.databases).map(([name, each]) => [name, toDatabase(name, true, each, base)] as const);
  const { store } = parsed.data;
  return { store: /^[a-z]+:/.test(store) ? store : resolve(base, store), databases: Object.fromEntries(databases) };
};

/** The file that --config or LIFEBOAT_CONFIG names, else ./lifeboat.yaml, else an empty configuration with the store ./backups. */
export const loadConfig = async (options: {
  configPath?: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}): Promise<Config> => {
  const named = options.configPath ?? options.env['LIFEBOAT_CONFIG'];
  const path = resolve(options.cwd, named ?? 'lifeboat.yaml');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (named === undefined && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return parseConfig('', options.cwd);
    throw invalid(`the configuration ${path} cannot be read`, cause);
  }
  return parseConfig(text, dirname(path));
};

/** A path instead of a configured name: every setting has its default, the name is the file's stem. */
export const adHocDatabase = (path: string): DatabaseConfig => {
  const stem = basename(path, extname(path))
    .replaceAll(/[^a-z0-9_-]/gi, '-')
    .replace(/^[_-]+/, '')
    .slice(0, 63);
  return toDatabase(stem || 'database', false, parseDatabase({ source: path }), '/');
};
