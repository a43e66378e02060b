import { randomBytes } from 'node:crypto';
import { constants, copyFile, link, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { adHocDatabase, parseConfig } from '../../config/load.ts';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { exists } from '../../lib/files/files.ts';
import { compactTime } from '../../lib/text/time.ts';
import { nameFor } from './recognise.ts';
import type { Candidate } from './find.ts';
import { configText, type ConfigAnswers } from './text.ts';
import { sourceKind } from '../../config/source-address.ts';

export type InitDocument = {
  readonly path: string;
  readonly databases: ConfigAnswers['databases'];
  readonly store: string;
  /** Where `--force` put the old file; null when there was none. */
  readonly aside: string | null;
};

/** Throws `usage` for an existing file, unless `force` allows replacing it. */
export async function refuseExisting(path: string, force: boolean): Promise<void> {
  if (!force && (await exists(path))) throw alreadyExists(path);
}

/**
 * The requested databases: candidates, or others by path or address. Paths are relative to `cwd`;
 * `folder` is where the configuration will be.
 */
export function chosenDatabases(
  sources: readonly string[],
  candidates: readonly Candidate[],
  { cwd, folder }: { readonly cwd: string; readonly folder: string },
): ConfigAnswers['databases'] {
  const usedNames = new Set<string>();
  return sources.map((source) => {
    const candidate = candidates.find(({ path }) => resolve(cwd, path) === resolve(cwd, source));
    const proposal = candidate?.name ?? nameOf(source, cwd, usedNames);
    const name = usedNames.has(proposal.toLowerCase())
      ? nameFor([proposal], proposal, usedNames)
      : proposal;
    usedNames.add(name.toLowerCase());
    return { name, source: sourceFrom(source, cwd, folder), framework: candidate?.framework };
  });
}

/**
 * Writes a lifeboat.yaml as a whole or not at all, after parsing it as every command will. Throws
 * `usage` when it exists and `force` is false, and `config_invalid` for an invalid answer.
 */
export async function writeConfig(
  path: string,
  answers: ConfigAnswers,
  force: boolean,
): Promise<InitDocument> {
  const text = configText(answers);
  parseConfig(text, dirname(path));
  await refuseExisting(path, force);
  const aside = `${path}.before-init-${compactTime(new Date())}`;
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    const hadFile = force && (await keepOld(path, aside));
    // A link, unlike a rename, fails when another process has created the file meanwhile.
    await (force ? rename(temporary, path) : link(temporary, path));
    return {
      path,
      databases: answers.databases,
      store: answers.store,
      aside: hadFile ? aside : null,
    };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw alreadyExists(path);
    if (cause instanceof Error && 'code' in cause && cause.code !== 'ENOSPC')
      throw new LifeboatError(
        'usage',
        `${path} cannot be written (${String(cause.code)})`,
        'Check that the folder exists and that you can write to it.',
        { cause },
      );
    throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Gives an old file a second name, so that it is never missing; false when there is none. */
async function keepOld(path: string, aside: string): Promise<boolean> {
  try {
    await link(path, aside);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    if (systemCode(error) === 'EEXIST') throw alreadyExists(aside);
    // Some file systems have no links.
    await copyFile(path, aside, constants.COPYFILE_EXCL);
    return true;
  }
}

function alreadyExists(path: string): LifeboatError {
  return new LifeboatError(
    'usage',
    `${path} already exists`,
    'Edit it, or replace it with --force.',
  );
}

/** A name from the last two parts of a path or an address, without user, password and query. */
function nameOf(source: string, cwd: string, usedNames: ReadonlySet<string>): string {
  // An ssh:// source needs a host key; parsing the configuration reports that it is missing.
  const path = sourceKind(source) === 'ssh' ? basename(source) : adHocDatabase(source, cwd).source;
  return nameFor(path.split(/[/\\]/).filter(Boolean).slice(-2), basename(cwd), usedNames);
}

/**
 * The source as the configuration writes it: a path below its folder is relative, any other path
 * absolute. Addresses stay as they are.
 */
function sourceFrom(source: string, cwd: string, folder: string): string {
  if (sourceKind(source) !== 'file' || source.startsWith('file:')) return source;
  const path = relative(folder, resolve(cwd, source));
  return path === '' || path.startsWith('..') || isAbsolute(path)
    ? resolve(cwd, source)
    : path.split(sep).join('/');
}
