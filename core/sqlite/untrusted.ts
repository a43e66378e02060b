import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { openPaths, replaced } from './descriptor.ts';
import { longestValue } from './memory-limit.ts';

/** For what SQLite cannot map: what is beyond 2 GiB. */
const MAPPED_CACHE_KIB = 2048;

/**
 * Opens a file that may be hostile, for reading only, and leaves nothing beside it. No value that
 * SQLite computes is longer than 64 MiB or `size` bytes, by default those of the file, so that a
 * small file cannot take much memory. Throws `source_invalid` when the file of a descriptor has been
 * replaced.
 */
export function openUntrusted(path: string, size = statSync(path).size): DatabaseSync {
  const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), {
    readOnly: true,
    allowExtension: false,
    defensive: true,
    limits: { length: longestValue(size) },
  });
  try {
    if (path.startsWith('/proc/') && !hasOpen(path)) throw replaced(path);
    db.exec('pragma trusted_schema = off; pragma query_only = on; pragma cell_size_check = on');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export type JudgeReading = {
  /** Only for a file that nobody else can shorten. */
  readonly isMapped: boolean;
  readonly cacheKiB: number;
};

/**
 * Opens a file for the checks, which read all of it. Through a memory map the full check takes a
 * third less time; where somebody shortens a mapped file, the process dies.
 */
export function openForJudging(path: string, { isMapped, cacheKiB }: JudgeReading): DatabaseSync {
  const db = openUntrusted(path);
  db.exec(
    isMapped
      ? `pragma cache_size = -${MAPPED_CACHE_KIB}; pragma mmap_size = ${statSync(path).size}`
      : `pragma cache_size = -${cacheKiB}; pragma mmap_size = 0`,
  );
  return db;
}

/** SQLite does not open a descriptor but the path to which it leads, where another file may be. */
function hasOpen(path: string): boolean {
  const { dev, ino } = statSync(path, { bigint: true });
  return [...openPaths().keys()].some((file) => {
    const other = statSync(`/proc/self/fd/${file}`, { bigint: true, throwIfNoEntry: false });
    return other?.dev === dev && other.ino === ino;
  });
}
