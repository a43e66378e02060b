import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { findHook, type HookPlace } from './repository.ts';
import {
  ASIDE,
  hasPart,
  isBareWrapper,
  isShell,
  isWrapper,
  hookPart,
  withoutPart,
  withPart,
  wrapper,
  type Program,
} from './text.ts';

export type HookDocument = {
  readonly hook: string;
  readonly path: string;
  /**
   * The hook before: `none`, a script to which ours was `added`, one with an older part of ours
   * (`replaced`), or another program, which ours runs (`chained`).
   */
  readonly existing: 'none' | 'added' | 'replaced' | 'chained';
};

const HOOK = 'pre-push';
// Keeps every byte of an existing hook, whatever its encoding.
const BYTES = 'latin1';

/**
 * Adds our part to the pre-push hook of the repository around `cwd`; an existing hook keeps its
 * work. Throws `usage`.
 */
export async function installHook(
  cwd: string,
  program: Program,
  calls: readonly (readonly string[])[],
): Promise<HookDocument> {
  const place = await findHook(cwd, HOOK);
  const { path, husky } = place;
  const part = bytesOf(hookPart(program, calls));
  const { stats, text } = await readHook(place);
  const document = (existing: HookDocument['existing']): HookDocument => ({
    hook: HOOK,
    path,
    existing,
  });
  if (!stats) {
    await replaceHook(path, husky ? part : `#!/bin/sh\n${part}`, husky ? 0o644 : 0o755);
    return document('none');
  }
  const isExecutable = (stats.mode & 0o111) !== 0;
  if (stats.isFile() && (hasPart(text) || husky || (isExecutable && isShell(text)))) {
    const mode = stats.mode & 0o777;
    await replaceHook(path, withPart(text, part), husky ? mode : mode | 0o100);
    return document(hasPart(text) ? 'replaced' : 'added');
  }
  if (await orUndefined(lstat(aside(path))))
    throw new LifeboatError(
      'usage',
      `there are two hooks to keep: ${path} and ${aside(path)}`,
      'Another program replaced the Lifeboat hook. Delete the one that you do not need, then run the command again.',
    );
  await rename(path, aside(path));
  try {
    await replaceHook(path, wrapper(part), 0o755);
  } catch (error) {
    await rename(aside(path), path);
    throw error;
  }
  return document('chained');
}

/**
 * Removes our part, and moves a hook back that was moved aside. Throws `not_found` when the hook has
 * no part of ours.
 */
export async function removeHook(
  cwd: string,
): Promise<Omit<HookDocument, 'existing'> & { restored: boolean }> {
  const place = await findHook(cwd, HOOK);
  const { path } = place;
  const { stats, text } = await readHook(place);
  if (!stats || !hasPart(text))
    throw new LifeboatError(
      'not_found',
      `there is no Lifeboat hook in ${path}`,
      'Run this in the repository that has the hook.',
    );
  if (isWrapper(text) && !isBareWrapper(text))
    throw new LifeboatError(
      'usage',
      `${path} contains lines that Lifeboat did not write`,
      `Move your lines to ${aside(path)}, where Lifeboat keeps your earlier hook, then run the command again.`,
    );
  if (isWrapper(text) && (await orUndefined(lstat(aside(path))))) {
    await rename(aside(path), path);
    return { hook: HOOK, path, restored: true };
  }
  const rest = isWrapper(text) ? undefined : withoutPart(text);
  if (rest === undefined) await rm(path);
  else await replaceHook(path, rest, stats.mode & 0o777);
  return { hook: HOOK, path, restored: rest !== undefined };
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString(BYTES);
}

async function readHook({ path }: HookPlace) {
  const stats = await orUndefined(lstat(path));
  if (stats?.isDirectory())
    throw new LifeboatError(
      'usage',
      `${path} is a folder`,
      'A hook must be a file: move the folder to another place.',
    );
  return { stats, text: stats?.isFile() ? await readFile(path, BYTES) : '' };
}

function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

async function replaceHook(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(temporary, text, { encoding: BYTES, flag: 'wx' });
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function aside(path: string): string {
  return join(dirname(path), ASIDE);
}
