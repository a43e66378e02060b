import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { djangoFiles, frameworkOf, nameFor, railsFiles, type SettingsFile } from './recognise.ts';

/** A SQLite file that could be backed up. */
export type Candidate = {
  /** Relative to the folder that was searched. */
  readonly path: string;
  readonly size: number;
  /** A name for the configuration. */
  readonly name: string;
  readonly framework: 'django' | 'rails' | undefined;
  /** Whether the settings of an application name it. */
  readonly isInSettings: boolean;
};

const MAX_FOLDER_DEPTH = 5;
const MAX_ENTRIES = 20_000;
const MAX_DATABASES = 50;
/** Bytes of a settings file or of the start of a database that are read. */
const MAX_TEXT = 1 << 20;
const SQLITE_MAGIC = 'SQLite format 3\0';
const SKIPPED =
  /^(node_modules|bower_components|vendor|venv|env|site-packages|__pycache__|dist|build|target|lifeboat-demo)$|^\./;

type Files = { readonly databases: string[]; readonly settings: string[] };

/**
 * Finds SQLite files below a folder by their first bytes; those that an application's settings name
 * come first. Depth and number are limited. No file is opened with SQLite, which could change the
 * files beside it.
 */
export async function findDatabases(root: string): Promise<Candidate[]> {
  const files: Files = { databases: [], settings: [] };
  await walk(root, files);
  const inSettings = await databasesInSettings(files, root);
  const usedNames = new Set<string>();
  const candidates: Candidate[] = [];
  for (const path of files.databases.toSorted(
    (a, b) => Number(inSettings.has(b)) - Number(inSettings.has(a)),
  )) {
    const parts = relative(root, path).split(sep);
    const name = nameFor(parts, basename(root), usedNames);
    usedNames.add(name.toLowerCase());
    candidates.push({
      path: parts.join('/'),
      size: (await stat(path)).size,
      name,
      framework: frameworkOf(await readStart(path, MAX_TEXT).catch(() => '')),
      isInSettings: inSettings.has(path),
    });
  }
  return candidates;
}

/** The default choice: databases that settings name, else all. */
export function suggested(candidates: readonly Candidate[]): Candidate[] {
  const inSettings = candidates.filter(({ isInSettings }) => isInSettings);
  return inSettings.length > 0 ? inSettings : [...candidates];
}

async function walk(root: string, files: Files): Promise<void> {
  let remaining = MAX_ENTRIES;
  let level = [root];
  for (let depth = 0; depth <= MAX_FOLDER_DEPTH && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      if (isStore(entries.map(({ name }) => name))) continue;
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        if ((remaining -= 1) < 0) return;
        const path = join(folder, entry.name);
        if (entry.isDirectory() && !SKIPPED.test(entry.name)) next.push(path);
        if (!entry.isFile() || entry.name.includes('.before-restore-')) continue;
        if (
          /^settings.*\.py$/.test(entry.name) ||
          basename(folder) === 'settings' ||
          entry.name === 'database.yml'
        )
          files.settings.push(path);
        else if (files.databases.length < MAX_DATABASES && (await isDatabase(path)))
          files.databases.push(path);
      }
    }
    level = next;
  }
}

/** A folder store of Lifeboat, whose files are backups. */
function isStore(names: readonly string[]): boolean {
  return names.includes('databases') && (names.includes('runs') || names.includes('state'));
}

async function isDatabase(path: string): Promise<boolean> {
  return (await readStart(path, SQLITE_MAGIC.length).catch(() => '')) === SQLITE_MAGIC;
}

async function readStart(path: string, bytes: number): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.subarray(0, bytesRead).toString('latin1');
}

/** The databases that settings name, relative to one of the folders above the settings. */
async function databasesInSettings(
  { databases, settings }: Files,
  root: string,
): Promise<Set<string>> {
  const paths = new Set<string>();
  for (const path of settings) {
    for (const { parts } of await filesInSettings(path)) {
      for (let folder = dirname(path); ; folder = dirname(folder)) {
        const file = join(folder, ...parts);
        if (databases.includes(file)) {
          paths.add(file);
          break;
        }
        if (folder === root || dirname(folder) === folder) break;
      }
    }
  }
  // PocketBase has no settings; its folder and files always have these names.
  for (const path of databases) if (path.endsWith(`pb_data${sep}data.db`)) paths.add(path);
  return paths;
}

async function filesInSettings(path: string): Promise<SettingsFile[]> {
  const isSmall = await stat(path).then(
    ({ size }) => size <= MAX_TEXT,
    () => false,
  );
  const text = isSmall ? await readFile(path, 'utf8').catch(() => '') : '';
  return path.endsWith('.py')
    ? djangoFiles(text)
    : path.endsWith('database.yml')
      ? railsFiles(text)
      : [];
}
