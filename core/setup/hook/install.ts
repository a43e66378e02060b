import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LifeboatError } from '../../lib/errors.ts';
import { findHook, type HookPlace } from './repository.ts';
import {
  ASIDE,
  hasPart,
  isBareWrapper,
  isShell,
  isWrapper,
  partOf,
  withoutPart,
  withPart,
  wrapper,
  type Program,
} from './text.ts';

export type HookDocument = {
  readonly hook: string;
  readonly path: string;
  /**
   * What became of the hook that was there: `none` was there, ours is `added` to it or took the
   * place of an older part (`replaced`), or it is run by ours (`chained`).
   */
  readonly existing: 'none' | 'added' | 'replaced' | 'chained';
};

const HOOK = 'pre-push';
// Byte for byte: what others wrote may be in any encoding.
const BYTES = 'latin1';

/**
 * Writes our part into the pre-push hook of the repository around `cwd`, and keeps what the hook
 * does already. Throws `usage`.
 */
export async function installHook(
  cwd: string,
  program: Program,
  calls: readonly (readonly string[])[],
): Promise<HookDocument> {
  const place = await findHook(cwd, HOOK);
  const { path, husky } = place;
  const part = bytesOf(partOf(program, calls));
  const { found, text } = await look(place);
  const done = (existing: HookDocument['existing']): HookDocument => ({
    hook: HOOK,
    path,
    existing,
  });
  if (!found) {
    await write(path, husky ? part : `#!/bin/sh\n${part}`, husky ? 0o644 : 0o755);
    return done('none');
  }
  const runs = (found.mode & 0o111) !== 0;
  if (found.isFile() && (hasPart(text) || husky || (runs && isShell(text)))) {
    const had = hasPart(text);
    await write(
      path,
      withPart(text, part),
      husky ? found.mode & 0o777 : (found.mode & 0o777) | 0o100,
    );
    return done(had ? 'replaced' : 'added');
  }
  if (await orAbsent(lstat(aside(path))))
    throw new LifeboatError(
      'usage',
      `there are two hooks to keep, ${path} and ${aside(path)}`,
      'Something else took the place of the hook of Lifeboat; remove the one that is not needed, then run this again.',
    );
  await rename(path, aside(path));
  try {
    await write(path, wrapper(part), 0o755);
  } catch (error) {
    await rename(aside(path), path);
    throw error;
  }
  return done('chained');
}

/**
 * Takes our part out again, and gives its place back to a hook that was set aside. Throws
 * `not_found` when there is none of ours.
 */
export async function removeHook(
  cwd: string,
): Promise<Omit<HookDocument, 'existing'> & { restored: boolean }> {
  const place = await findHook(cwd, HOOK);
  const { path } = place;
  const { found, text } = await look(place);
  if (!found || !hasPart(text))
    throw new LifeboatError(
      'not_found',
      `there is no hook of Lifeboat in ${path}`,
      'Run this in the repository that has it.',
    );
  if (isWrapper(text) && !isBareWrapper(text))
    throw new LifeboatError(
      'usage',
      `${path} has more in it than Lifeboat wrote`,
      `Take out what is yours; the hook that was there before is ${aside(path)}.`,
    );
  if (isWrapper(text) && (await orAbsent(lstat(aside(path))))) {
    await rename(aside(path), path);
    return { hook: HOOK, path, restored: true };
  }
  const rest = isWrapper(text) ? undefined : withoutPart(text);
  if (rest === undefined) await rm(path);
  else await write(path, rest, found.mode & 0o777);
  return { hook: HOOK, path, restored: rest !== undefined };
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString(BYTES);
}

async function look({ path }: HookPlace) {
  const found = await orAbsent(lstat(path));
  if (found?.isDirectory())
    throw new LifeboatError(
      'usage',
      `${path} is a folder`,
      'A hook is a file; move the folder away.',
    );
  return { found, text: found?.isFile() ? await readFile(path, BYTES) : '' };
}

function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (absent(error)) return undefined;
    throw error;
  });
}

function absent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function write(path: string, text: string, mode: number): Promise<void> {
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
