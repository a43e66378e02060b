import { randomBytes } from 'node:crypto';
import { link, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { adHocDatabase, parseConfig } from '../../config/load.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { nameFor } from './recognise.ts';
import type { Found } from './find.ts';
import { configText, type Wanted } from './text.ts';
import { sourceKind } from '../../config/source-address.ts';

export type InitDocument = {
  readonly path: string;
  readonly databases: Wanted['databases'];
  readonly store: string;
};

/** Throws `usage` when there is a file that may not be replaced. */
export async function refuseOccupied(path: string, force: boolean): Promise<void> {
  if (!force && (await exists(path))) throw occupied(path);
}

/** The requested databases: some of those found, or others by path or address. */
export function chosen(
  sources: readonly string[],
  found: readonly Found[],
  cwd: string,
  folder: string,
): Wanted['databases'] {
  const taken = new Set<string>();
  return sources.map((source) => {
    const known = found.find(({ path }) => resolve(cwd, path) === resolve(cwd, source));
    const own = known?.name ?? nameOf(source, cwd, taken);
    const name = taken.has(own.toLowerCase()) ? nameFor([own], own, taken) : own;
    taken.add(name.toLowerCase());
    return { name, source: written(source, cwd, folder), framework: known?.framework };
  });
}

/**
 * Writes a lifeboat.yaml at once or not at all, after it was read as every command would read it.
 * Throws `usage` when there is one and `force` is not given, `config_invalid` when an answer cannot
 * be.
 */
export async function writeConfig(
  path: string,
  wanted: Wanted,
  force: boolean,
): Promise<InitDocument> {
  const text = configText(wanted);
  parseConfig(text, dirname(path));
  await refuseOccupied(path, force);
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    // A link, unlike a rename, does not take the place of a file that came meanwhile.
    await (force ? rename(temporary, path) : link(temporary, path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw occupied(path);
    if (cause instanceof Error && 'code' in cause && cause.code !== 'ENOSPC')
      throw new LifeboatError(
        'usage',
        `${path} cannot be written (${String(cause.code)})`,
        'Check the folder and its rights.',
        { cause },
      );
    throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
  return { path, databases: wanted.databases, store: wanted.store };
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function occupied(path: string): LifeboatError {
  return new LifeboatError(
    'usage',
    `there is a ${path} already`,
    'Change it with an editor; --force puts a new one in its place.',
  );
}

/** Of the last two parts of a path or an address, without what may be secret in it. */
function nameOf(source: string, cwd: string, taken: ReadonlySet<string>): string {
  // ssh:// cannot be given without its key; the check of the whole says so.
  const shown = sourceKind(source) === 'ssh' ? basename(source) : adHocDatabase(source, cwd).source;
  return nameFor(shown.split(/[/\\]/).filter(Boolean).slice(-2), basename(cwd), taken);
}

/**
 * A path as the configuration has it: relative to its folder where it lies below, else in full.
 * Addresses stay as they are.
 */
function written(source: string, cwd: string, folder: string): string {
  if (sourceKind(source) !== 'file' || source.startsWith('file:')) return source;
  const path = relative(folder, resolve(cwd, source));
  return path === '' || path.startsWith('..') || isAbsolute(path)
    ? resolve(cwd, source)
    : path.split(sep).join('/');
}
