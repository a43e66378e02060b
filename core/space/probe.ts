import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/load.ts';
import type { SpaceProbe } from '../context.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const volume = async (path: string): Promise<{ free: number; total: number } | undefined> => {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    // A folder that is still to be made is in the file system of the one above.
    return dirname(path) === path ? undefined : volume(dirname(path));
  }
};

/** What this machine has. In a cloud function the deployment says how much memory there is, and files are in it. */
export const createSpaceProbe = (
  env: Environment,
  reserve: Config['space']['reserve'],
): SpaceProbe => {
  const limit = Number(env['LIFEBOAT_MEMORY_LIMIT'] ?? Number.NaN);
  const told = Number.isFinite(limit) && limit > 0 ? limit : undefined;
  return {
    memory: () => told ?? process.availableMemory(),
    filesInMemory: told !== undefined,
    free: async (path) => (await volume(path))?.free,
    volume,
    reserve,
  };
};
