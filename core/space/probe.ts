import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/load.ts';

/** Memory and disks of a machine, in bytes. */
export type SpaceProbe = {
  /** Memory for this process and its children; `undefined` when unknown. */
  memory(): number | undefined;
  /** Whether temporary files are in that memory, as in a cloud function. */
  readonly filesInMemory: boolean;
  /** Whether this is a Cloud Run job. */
  readonly inJob?: boolean;
  /** Free space in the file system of a folder, for this user; `undefined` when unknown. */
  free(path: string): Promise<number | undefined>;
  /** The free space and the size of the file system. The folder need not exist yet. */
  volume(path: string): Promise<{ free: number; total: number } | undefined>;
  /** The free space that a folder store should keep. */
  readonly reserve: Config['space']['reserve'];
};

/**
 * Measures this machine. In a cloud function the deployment names the memory in
 * LIFEBOAT_MEMORY_LIMIT, and files take part of it.
 */
export function createSpaceProbe(
  env: Readonly<Record<string, string | undefined>>,
  reserve: Config['space']['reserve'],
): SpaceProbe {
  const limit = Number(env['LIFEBOAT_MEMORY_LIMIT'] ?? Number.NaN);
  const memoryLimit = Number.isFinite(limit) && limit > 0 ? limit : undefined;
  return {
    memory: () => memoryLimit ?? process.availableMemory(),
    filesInMemory: memoryLimit !== undefined,
    inJob: env['CLOUD_RUN_JOB'] !== undefined,
    free: async (path) => (await volume(path))?.free,
    volume,
    reserve,
  };
}

async function volume(path: string): Promise<{ free: number; total: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    // A file system without blocks, such as /proc, has no size that could be full.
    return blocks === 0 ? undefined : { free: bavail * bsize, total: blocks * bsize };
  } catch {
    // A folder that does not exist yet will be in the file system of the one above.
    return dirname(path) === path ? undefined : volume(dirname(path));
  }
}
