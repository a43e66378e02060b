import { MIB } from '../lib/text/units.ts';

/**
 * The memory of a run besides the database: the process, frames being compressed, the page cache of
 * the native engine. Measured by `npm run bench`, and rounded up.
 */
export const PROCESS_BYTES = 320 * MIB;
/** sql.js keeps the file in memory, in 1.09 bytes for each byte at 1 GiB. */
const SANDBOX_FACTOR = 1.15;
const SANDBOX_BYTES = 64 * MIB;

export type Space = {
  /** Bytes that the snapshot needs. */
  readonly size: number;
  readonly sandboxLimit: number;
  /** Bytes of memory for the whole run; `undefined` when unknown. */
  readonly memory: number | undefined;
  /** Whether temporary files are in that memory, as in a cloud function. */
  readonly filesInMemory: boolean;
  /** Free bytes in the temporary folder, where it is a disk. */
  readonly free: number | undefined;
};
export type Fit =
  | { readonly fits: true; readonly sandboxLimit: number }
  | {
      readonly fits: false;
      readonly needed: number;
      readonly available: number;
      readonly short: 'memory' | 'temporary';
    };

/**
 * Whether a run has room, and up to which size the sandbox (sql.js) may inspect: the native engine
 * takes its place where memory is short.
 */
export function fitSpace({ size, sandboxLimit, memory, filesInMemory, free }: Space): Fit {
  if (free !== undefined && free < size)
    return { fits: false, needed: size, available: free, short: 'temporary' };
  if (memory === undefined) return { fits: true, sandboxLimit };
  const needed = PROCESS_BYTES + (filesInMemory ? size : 0);
  // On a machine that is no function the number is a guess: a container counts its page cache as
  // used, macOS only pages without any use as free. It chooses the engine, and refuses nothing.
  if (filesInMemory && memory < needed)
    return { fits: false, needed, available: memory, short: 'memory' };
  const sandbox = size <= sandboxLimit && memory >= needed + sandboxBytes(size);
  return { fits: true, sandboxLimit: sandbox || size > sandboxLimit ? sandboxLimit : 0 };
}

function sandboxBytes(size: number): number {
  return size * SANDBOX_FACTOR + SANDBOX_BYTES;
}
