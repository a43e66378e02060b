import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { adHocDatabase, type Config, type DatabaseConfig } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import { LifeboatError, systemCode } from '../lib/errors.ts';

export type Databases = {
  /**
   * A configured database, by its name or by the path of its source, or another one by its path.
   * Throws `not_found` and `usage`.
   */
  readonly find: (name: string) => DatabaseConfig;
  /** The name under which a database is stored; `name` may be a path. */
  readonly storedName: (name: string) => string;
  /** Throws `not_found` unless the database is configured; `*` means all. */
  readonly requireConfigured: (name: string) => void;
  /**
   * Throws `source_unreachable` for a name that is neither configured, nor a file, nor `isStored`:
   * a mistyped name must not leave a run in the store.
   */
  readonly requireSource: (
    name: string,
    isStored: (storedName: string) => Promise<boolean>,
  ) => Promise<void>;
};

export type DatabasesOptions = {
  readonly cwd: string;
  /** Accept only configured databases: a request must not name a file of the machine. */
  readonly configuredOnly: boolean;
};

/** How many names an error lists: a caller learns enough from them, and the rest is noise. */
const MAX_NAMES = 5;

/** Resolves what a person or a request calls a database. */
export function createDatabases(
  { databases, timeZone }: Config,
  { cwd, configuredOnly }: DatabasesOptions,
): Databases {
  const names = Object.keys(databases);
  // A name wins over a file of the same name in the current folder: scripts name databases.
  const find = (name: string): DatabaseConfig => {
    const database = databases[name];
    if (database) return database;
    if (configuredOnly) throw notConfigured(name, names);
    const requested = adHocDatabase(name, cwd, timeZone);
    // A second history of the same file would be full again, and the page would show two databases.
    return Object.values(databases).find((each) => isSameSource(each, requested)) ?? requested;
  };
  return {
    find,
    storedName: (name) => (/[/.]/.test(name) ? find(name).name : name),
    requireConfigured: (name) => {
      if (name !== '*' && !databases[name]) throw notConfigured(name, names);
    },
    requireSource: async (name, isStored) => {
      const { configured, origin, name: storedName } = find(name);
      if (configured || origin.kind !== 'file' || !(await isAbsent(origin.path))) return;
      if (!(await isStored(storedName))) throw noSource(name, origin.path, names);
    },
  };
}

/** `Did you mean shop?`, or the first names that there are; `where` is what has them. */
export function suggestName(name: string, names: readonly string[], where: string): string {
  const similar = nearest(name, names);
  if (similar !== undefined) return `Did you mean \`${similar}\`?`;
  if (names.length === 0) return `There are no databases in ${where}.`;
  const rest = names.length - MAX_NAMES;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return `Databases in ${where}: ${names.slice(0, MAX_NAMES).join(', ')}${more}.`;
}

function isSameSource(one: DatabaseConfig, other: DatabaseConfig): boolean {
  if (one.source === other.source) return true;
  if (one.origin.kind !== 'file' || other.origin.kind !== 'file') return false;
  const [a, b] = [one.origin.path, other.origin.path].map(fileId);
  return a !== undefined && a === b;
}

/** Equal for two paths of one file, as when a folder is a symbolic link. Opens nothing. */
function fileId(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

function isAbsent(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    (error: unknown) => systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR',
  );
}

function notConfigured(name: string, names: readonly string[]): LifeboatError {
  return new LifeboatError(
    'not_found',
    `no database ${JSON.stringify(name)} in lifeboat.yaml`,
    suggestName(name, names, 'lifeboat.yaml'),
  );
}

function noSource(name: string, path: string, names: readonly string[]): LifeboatError {
  const isPath = /[/.]/.test(name);
  return new LifeboatError(
    'source_unreachable',
    isPath ? `no such file: ${path}` : `no database \`${name}\` in lifeboat.yaml, and no such file`,
    isPath || names.length === 0
      ? 'Check the path, or run `lifeboat init` to create a lifeboat.yaml.'
      : suggestName(name, names, 'lifeboat.yaml'),
  );
}
