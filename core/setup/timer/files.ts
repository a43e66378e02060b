import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { MARK, type TimerFile, type TimerPlan } from './plan.ts';

export type FileChange = {
  readonly path: string;
  readonly change: 'created' | 'changed' | 'unchanged' | 'removed';
};
type Owner = Pick<TimerPlan, 'prefix' | 'configPath'>;

/** The names of our files for this configuration. */
export async function filesOf(owner: Owner, folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const ours: string[] = [];
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    if (!isName(name, owner)) continue;
    if (servedBy(await readFile(join(folder, name), 'utf8')) === owner.configPath) ours.push(name);
  }
  return ours;
}

/**
 * Makes the folder have exactly these files of ours. Checks all before it changes any: throws
 * `usage` when a file of that name is not ours or serves another configuration.
 */
export async function changeFiles(
  owner: Owner,
  { folder }: { readonly folder: string },
  files: readonly TimerFile[],
): Promise<FileChange[]> {
  const before = new Map<string, string>();
  for (const { name } of files) {
    const text = await readFile(join(folder, name), 'utf8').catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    if (servedBy(text) !== owner.configPath) throw notOurs(join(folder, name), servedBy(text));
    before.set(name, text);
  }
  const names = new Set(files.map(({ name }) => name));
  const old = (await filesOf(owner, folder)).filter((name) => !names.has(name));
  const changes: FileChange[] = [];
  if (files.length > 0) await mkdir(folder, { recursive: true });
  for (const { name, text } of files) {
    const path = join(folder, name);
    const isSame = before.get(name) === text;
    if (!isSame) await writeWhole(path, text);
    changes.push({ path, change: isSame ? 'unchanged' : before.has(name) ? 'changed' : 'created' });
  }
  for (const name of old) {
    await rm(join(folder, name));
    changes.push({ path: join(folder, name), change: 'removed' });
  }
  return changes;
}

function isName(name: string, { prefix }: Owner): boolean {
  return name.startsWith(`${prefix}-`) || name.startsWith(`dev.${prefix}.`);
}

/** The configuration in the mark of a file; undefined when the file is not ours. */
function servedBy(text: string): string | undefined {
  const line = text.split('\n').find((each) => each.includes(MARK));
  return line?.slice(line.indexOf(MARK) + MARK.length).replace(/ -->$/, '');
}

function notOurs(path: string, served: string | undefined): LifeboatError {
  return new LifeboatError(
    'usage',
    served === undefined
      ? `${path} exists, and \`lifeboat install-timer\` did not write it`
      : `${path} is for ${served}`,
    'Give the new timers another name with --name, or remove that file.',
  );
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o644 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
