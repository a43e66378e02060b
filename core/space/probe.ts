import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/load.ts';

/** What a machine has. Bytes. */
export type SpaceProbe = {
  /** Memory for everything this process and its children do; `undefined` when nothing is known. */
  memory(): number | undefined;
  /** Whether temporary files are in that memory, as in a cloud function. */
  readonly filesInMemory: boolean;
  /** Free in the file system of a folder, for this user; `undefined` when that cannot be known. */
  free(path: string): Promise<number | undefined>;
  /** The free space and the size of the file system. The folder need not exist yet. */
  volume(path: string): Promise<{ free: number; total: number } | undefined>;
  /** What a store that is a folder should have left. */
  readonly reserve: Config['space']['reserve'];
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What this machine has. In a cloud function the deployment says how much memory there is, and
 * files are in it.
 */
export function createSpaceProbe(
  env: Environment,
  reserve: Config['space']['reserve'],
): SpaceProbe {
  const limit = Number(env['LIFEBOAT_MEMORY_LIMIT'] ?? Number.NaN);
  const told = Number.isFinite(limit) && limit > 0 ? limit : undefined;
  return {
    memory: () => told ?? process.availableMemory(),
    filesInMemory: told !== undefined,
    free: async (path) => (await volume(path))?.free,
    volume,
    reserve,
  };
}

async function volume(path: string): Promise<{ free: number; total: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    // A folder that is still to be made is in the file system of the one above.
    return dirname(path) === path ? undefined : volume(dirname(path));
  }
}
