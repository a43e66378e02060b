import { appendFile, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { systemCode } from '../../lib/errors.ts';
import { exists } from '../../lib/files/files.ts';
import { storeAddressProblem } from '../../config/store-address.ts';

/**
 * Keeps customers' data out of git: adds the store, if it is in the repository, and the databases
 * that a restore sets aside to the .gitignore beside the configuration. Returns the added lines.
 */
export async function ignoreBackups(folder: string, store: string): Promise<string[]> {
  if (!(await isInRepository(folder))) return [];
  const path = join(folder, '.gitignore');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  const present = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  const storeLine = ignorePattern(folder, store);
  const patterns = [...(storeLine === undefined ? [] : [storeLine]), '*.before-restore-*'];
  const bare = (line: string): string => line.replaceAll(/^\/|\/$/g, '');
  const lines = patterns.filter((line) => ![...present].some((each) => bare(each) === bare(line)));
  if (lines.length === 0) return [];
  const start = text === '' || text.endsWith('\n') ? '' : '\n';
  await appendFile(path, `${start}# Databases and backups of Lifeboat\n${lines.join('\n')}\n`);
  return lines;
}

/** The pattern of a folder store below `folder`; undefined for any other store. */
function ignorePattern(folder: string, store: string): string | undefined {
  if (store.includes('://') || storeAddressProblem(store) !== undefined) return undefined;
  const path = relative(folder, resolve(folder, store.replace(/^file:/, '')));
  if (path === '' || path.startsWith('..') || isAbsolute(path)) return undefined;
  // A backslash keeps what git takes for a pattern.
  return `/${path.replaceAll(/[\\*?[\]!#]/g, String.raw`\$&`)}/`;
}

async function isInRepository(folder: string): Promise<boolean> {
  for (let each = resolve(folder); ; each = dirname(each)) {
    if (await exists(join(each, '.git'))) return true;
    if (each === dirname(each)) return false;
  }
}
