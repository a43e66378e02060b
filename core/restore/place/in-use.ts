import { readFileSync, statSync, type BigIntStats } from 'node:fs';
import { LifeboatError } from '../../lib/errors.ts';
import { openFiles, processIds, commandOf } from '../../lib/files/open-files.ts';
import { existingFiles } from './target.ts';

/** A number of 4 bytes is a pid; an open file description that holds a lock has none. */
type Lock = { readonly pid: number; readonly major: bigint; readonly minor: bigint; inode: bigint };

const LOCK_LINE =
  /^\d+:(?: ->)? (?:POSIX|OFDLCK) .* (-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) \d+ (?:\d+|EOF)$/;
const MOST_PROCESSES = 3;

/**
 * Throws `usage` when another process has the database open, or a file that SQLite keeps beside it:
 * it would go on writing to the old file. A process shows in two ways on Linux: by its descriptors,
 * which only its own user and root may read, and by SQLite's locks, which everybody may read. An
 * idle connection in rollback mode holds no lock. Elsewhere nothing shows.
 */
export async function refuseInUse(path: string): Promise<void> {
  const files = (await existingFiles(path)).flatMap((each) => {
    const file = statSync(each, { bigint: true, throwIfNoEntry: false });
    return file ? [file] : [];
  });
  const pids = new Set([...holders(files), ...lockers(files)]);
  // The restore itself has the old file open.
  pids.delete(process.pid);
  if (pids.size === 0) return;
  throw new LifeboatError(
    'usage',
    `${path} is open in ${processList([...pids])}`,
    'Stop that program first: it would go on writing to the old file, and lose those rows. --even-if-open restores all the same.',
    { facts: { pids: [...pids].filter((pid) => pid > 0) } },
  );
}

/** The processes that have one of the files open, under whatever name and in whatever mount. */
function holders(files: readonly BigIntStats[]): number[] {
  return processIds().filter((pid) =>
    [...openFiles(pid)].some(([path, descriptor]) => {
      if (!path.startsWith('/')) return false;
      const open = statOrNone(descriptor);
      return files.some(({ dev, ino }) => open?.ino === ino && open.dev === dev);
    }),
  );
}

/** The processes that hold or await a lock on one of the files; -1 for one that is unknown. */
function lockers(files: readonly BigIntStats[]): number[] {
  return currentLocks()
    .filter((lock) => files.some((file) => isOn(lock, file)))
    .map(({ pid }) => pid);
}

function currentLocks(): Lock[] {
  let text: string;
  try {
    text = readFileSync('/proc/locks', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, pid, major, minor, inode] = LOCK_LINE.exec(line) ?? [];
    if (pid === undefined || inode === undefined) return [];
    const [high, low] = [BigInt(`0x${major}`), BigInt(`0x${minor}`)];
    return [{ pid: Number(pid), major: high, minor: low, inode: BigInt(inode) }];
  });
}

function isOn({ major, minor, inode }: Lock, { dev, ino }: BigIntStats): boolean {
  if (inode !== ino) return false;
  const [high, low] = [majorOf(dev), minorOf(dev)];
  // Btrfs and overlays give a file another number of this kind than the lock.
  return (major === high && minor === low) || (major === 0n && high === 0n);
}

// How Linux packs both numbers of a device into one.
function majorOf(dev: bigint): bigint {
  return ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
}

function minorOf(dev: bigint): bigint {
  return (dev & 0xffn) | ((dev >> 12n) & ~0xffn & 0xffffffffn);
}

function statOrNone(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** `process 4711 (python3)`, or several. */
function processList(pids: readonly number[]): string {
  const names = pids.slice(0, MOST_PROCESSES).map((pid) => {
    const program = pid > 0 ? commandOf(pid) : undefined;
    if (pid <= 0) return 'a process that is not visible from here';
    return program === undefined ? `process ${pid}` : `process ${pid} (${program})`;
  });
  const rest = pids.length - names.length;
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
