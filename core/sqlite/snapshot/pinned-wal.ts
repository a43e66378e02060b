import { fstatSync, readFileSync, readSync } from 'node:fs';
import type { SizeLimit } from '../../lib/bytes/size-limit.ts';
import { openPaths } from '../descriptor.ts';
import type { PageProgress } from '../types.ts';
import { copyBlocks } from './copy-file.ts';

/**
 * The files of a database in WAL mode, with the descriptors of SQLite, while its read transaction
 * keeps the -wal from being begun anew.
 */
export type PinnedWal = {
  readonly file: number;
  readonly wal: number;
  /** As many frames of the -wal are complete, in its first `end` bytes. */
  readonly frames: number;
  readonly end: number;
  /** When the -wal had so many bytes, ms. */
  readonly at: number;
};

// https://sqlite.org/walformat.html: the bytes of the -shm that a reader of the -wal locks. Byte 123
// means that it reads the database file alone, and then a writer may begin the -wal anew.
const [FIRST_READER_BYTE, LAST_READER_BYTE] = [124, 127];
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const INDEX_HEADER_BYTES = 48;
/** SQLite checkpoints a -wal of 4 MiB by default. */
const SMALL_WAL_BYTES = 16 * 2 ** 20;

/**
 * The pinned -wal of the read transaction of this process's only connection to `source`; undefined
 * where that cannot be proven, and where copies do not fit or take longer than the backup API.
 * `before`: the files that were open before SQLite opened the database.
 */
export function pinnedWal(
  source: string,
  before: ReadonlyMap<number, string>,
  { pageSize, limit }: { pageSize: number; limit: SizeLimit | undefined },
): PinnedWal | undefined {
  const opened = [...openPaths()].filter(([each]) => !before.has(each));
  const [file, wal, shm] = ['', '-wal', '-shm'].map((suffix) => {
    const matches = opened.filter(([, path]) => path === `${source}${suffix}`);
    return matches.length === 1 ? matches[0]?.[0] : undefined;
  });
  if (file === undefined || wal === undefined || shm === undefined) return undefined;
  try {
    if (!locksReaderByte(shm)) return undefined;
    const frames = completeFrames(wal, shm);
    const least = WAL_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + pageSize);
    const at = Date.now();
    const { size: end } = fstatSync(wal);
    if (frames === 0 || end < least || !isWorthCopying(file, end, limit)) return undefined;
    return { file, wal, frames, end, at };
  } catch {
    return undefined;
  }
}

/**
 * Copies the -wal and the database to `target`, where merging makes a snapshot of the two. Opens and
 * closes nothing but the copies: to close a file drops all locks of this process on it.
 */
export async function copyPinned(
  { file, wal, end }: PinnedWal,
  target: string,
  onProgress: PageProgress,
): Promise<void> {
  const limit = undefined;
  await copyBlocks(wal, `${target}-wal`, { limit, onProgress: () => undefined }, end);
  await copyBlocks(file, target, { limit, onProgress });
}

/**
 * Whether both copies fit, and what merging adds to the database. The backup API is quicker when the
 * -wal is very long.
 */
function isWorthCopying(file: number, walBytes: number, limit: SizeLimit | undefined): boolean {
  const { size } = fstatSync(file);
  const isFitting = limit === undefined || size + 2 * walBytes <= limit.bytes;
  return isFitting && walBytes <= Math.max(size, SMALL_WAL_BYTES);
}

/** Whether this process holds a lock on one of the bytes of readers that use the -wal. */
function locksReaderByte(shm: number): boolean {
  // Lists the locks of this process alone. The kernel joins neighbouring ones into a range.
  const locks = readFileSync(`/proc/self/fdinfo/${shm}`, 'utf8').matchAll(
    /^lock:\s+\d+: POSIX\s+ADVISORY\s+READ\s+\S+\s+\S+\s+(\d+)\s+(\d+)$/gm,
  );
  return [...locks].some(
    ([, first, last]) => Number(first) <= LAST_READER_BYTE && Number(last) >= FIRST_READER_BYTE,
  );
}

/**
 * The frames of the -wal that transactions committed by now, by the index in the -shm; 0 when the
 * index is just being changed, or is not about the content of this -wal.
 */
function completeFrames(wal: number, shm: number): number {
  const index = Buffer.alloc(2 * INDEX_HEADER_BYTES);
  const header = Buffer.alloc(WAL_HEADER_BYTES);
  if (readSync(shm, index, 0, index.length, 0) < index.length) return 0;
  if (readSync(wal, header, 0, header.length, 0) < header.length) return 0;
  const [one, other] = [index.subarray(0, INDEX_HEADER_BYTES), index.subarray(INDEX_HEADER_BYTES)];
  const isInitialised = one[12] === 1;
  const isOfThisWal = one.subarray(32, 40).equals(header.subarray(16, 24));
  if (!one.equals(other) || !isInitialised || !isOfThisWal) return 0;
  return new Uint32Array(one.buffer, one.byteOffset + 16, 1)[0] ?? 0;
}
