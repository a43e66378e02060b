import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError } from '../core/lib/errors.ts';
import type { Target } from './target.ts';

const SEEDS = join(import.meta.dirname, 'seeds');

/** Runs one case. The finding as a text, or `undefined` when all is well. */
export async function tryCase(
  { read, mostMs }: Target,
  input: Uint8Array,
): Promise<string | undefined> {
  const startedAt = performance.now();
  try {
    await read(input);
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code === 'internal')
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const took = Math.round(performance.now() - startedAt);
  return took > mostMs ? `took ${took} ms, more than ${mostMs}` : undefined;
}

/** Inputs that were findings once. */
export async function keptSeeds({ name }: Target): Promise<Buffer[]> {
  const folder = folderOf(name);
  const names: string[] = await readdir(folder).catch(() => []);
  return Promise.all(names.toSorted().map((each) => readFile(join(folder, each))));
}

/** Keeps an input that is a finding, for every run after this one; its path. */
export async function keepSeed({ name }: Target, input: Uint8Array): Promise<string> {
  const folder = folderOf(name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, createHash('sha256').update(input).digest('hex').slice(0, 16));
  await writeFile(path, input);
  return path;
}

function folderOf(name: string): string {
  return join(SEEDS, name.replaceAll(' ', '-'));
}
