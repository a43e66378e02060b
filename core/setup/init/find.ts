import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { djangoNames, frameworkOf, nameFor, railsNames, type Named } from './recognise.ts';

export type Found = {
  /** Relative to the folder that was searched. */
  readonly path: string;
  readonly size: number;
  /** What it should be called in the configuration. */
  readonly name: string;
  readonly framework: 'django' | 'rails' | undefined;
  /** Whether the settings of an application name it. */
  readonly named: boolean;
};

const DEEPEST = 5;
const MOST_ENTRIES = 20_000;
const MOST_FOUND = 50;
const MOST_TEXT = 1 << 20;
const MAGIC = 'SQLite format 3\0';
const SKIPPED =
  /^(node_modules|bower_components|vendor|venv|env|site-packages|__pycache__|dist|build|target|lifeboat-demo)$|^\./;

type Seen = { readonly databases: string[]; readonly settings: string[] };

/**
 * SQLite files below a folder, by their first bytes; those that an application's settings name come
 * first. Bounded in depth and number. Nothing is opened through SQLite, so nothing beside a file
 * changes.
 */
export async function findDatabases(root: string): Promise<Found[]> {
  const seen: Seen = { databases: [], settings: [] };
  await walk(root, seen);
  const named = await namedBy(seen.settings, seen.databases, root);
  const taken = new Set<string>();
  const found: Found[] = [];
  for (const path of seen.databases.toSorted(
    (a, b) => Number(named.has(b)) - Number(named.has(a)),
  )) {
    const parts = relative(root, path).split(sep);
    const name = nameFor(parts, basename(root), taken);
    taken.add(name.toLowerCase());
    const framework = frameworkOf(await beginning(path, MOST_TEXT).catch(() => ''));
    found.push({
      path: parts.join('/'),
      size: (await stat(path)).size,
      name,
      framework,
      named: named.has(path),
    });
  }
  return found;
}

/** The default choice without a terminal: databases that settings name, else all. */
export function suggested(found: readonly Found[]): Found[] {
  const named = found.filter((each) => each.named);
  return named.length > 0 ? named : [...found];
}

async function walk(root: string, seen: Seen): Promise<void> {
  let left = MOST_ENTRIES;
  let level = [root];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (isStore(entries.map(({ name }) => name))) continue;
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if ((left -= 1) < 0) return;
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !SKIPPED.test(entry.name)) next.push(path);
        if (!entry.isFile() || entry.name.includes('.before-restore-')) continue;
        if (
          /^settings.*\.py$/.test(entry.name) ||
          basename(folder) === 'settings' ||
          entry.name === 'database.yml'
        )
          seen.settings.push(path);
        else if (seen.databases.length < MOST_FOUND && (await isDatabase(path)))
          seen.databases.push(path);
      }
    }
    level = next;
  }
}

/** Lifeboat's own store, which holds no database that anybody works with. */
function isStore(names: readonly string[]): boolean {
  return names.includes('databases') && (names.includes('runs') || names.includes('state'));
}

/** What is no file, or may not be read, is passed over. */
async function isDatabase(path: string): Promise<boolean> {
  return (await beginning(path, MAGIC.length).catch(() => '')) === MAGIC;
}

async function beginning(path: string, bytes: number): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.subarray(0, bytesRead).toString('latin1');
}

/**
 * The files among `databases` that the settings name, where they lie in one of the folders above
 * the settings.
 */
async function namedBy(
  settings: readonly string[],
  databases: readonly string[],
  root: string,
): Promise<Set<string>> {
  const named = new Set<string>();
  for (const path of settings) {
    for (const { parts } of await namesIn(path)) {
      for (let folder = dirname(path); ; folder = dirname(folder)) {
        const file = join(folder, ...parts);
        if (databases.includes(file)) {
          named.add(file);
          break;
        }
        if (folder === root || dirname(folder) === folder) break;
      }
    }
  }
  // PocketBase has no settings; its folder and files always have these names.
  for (const path of databases) if (path.endsWith(`pb_data${sep}data.db`)) named.add(path);
  return named;
}

async function namesIn(path: string): Promise<Named[]> {
  const small = await stat(path).then(
    ({ size }) => size <= MOST_TEXT,
    () => false,
  );
  const text = small ? await readFile(path, 'utf8').catch(() => '') : '';
  return path.endsWith('.py')
    ? djangoNames(text)
    : path.endsWith('database.yml')
      ? railsNames(text)
      : [];
}
