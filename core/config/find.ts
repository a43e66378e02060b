import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LifeboatError } from '../lib/errors.ts';
import { exists } from '../lib/files/files.ts';

export type FindOptions = {
  /** From --config. */
  readonly configPath?: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const CONFIG_NAME = 'lifeboat.yaml';

/**
 * The path of the configuration: from --config or LIFEBOAT_CONFIG, else the nearest lifeboat.yaml in
 * `cwd` or above it, no further than the repository or the home folder; undefined when there is
 * none. Throws `config_invalid` for a file above `cwd` that belongs to another user, who could have
 * put it there to be found.
 */
export async function findConfig({
  configPath,
  cwd,
  env,
}: FindOptions): Promise<string | undefined> {
  const requested = configPath ?? env['LIFEBOAT_CONFIG'];
  if (requested !== undefined) return resolve(cwd, requested);
  const home = env['HOME'] === undefined ? undefined : resolve(env['HOME']);
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME);
    if (await exists(path)) {
      if (folder !== resolve(cwd)) await requireOwn(path);
      return path;
    }
    const isTop = folder === home || folder === dirname(folder);
    if (isTop || (await exists(join(folder, '.git')))) return undefined;
  }
}

async function requireOwn(path: string): Promise<void> {
  const user = process.getuid?.();
  const { uid } = await lstat(path);
  if (user === undefined || uid === user || uid === 0) return;
  throw new LifeboatError(
    'config_invalid',
    `${path} belongs to another user, so it is not used from a folder below it`,
    `If you trust the file, name it with --config ${path}.`,
  );
}
