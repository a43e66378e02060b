import { existsSync, readFileSync } from 'node:fs';
import { MIB } from '../lib/text/units.ts';

const PROGRAMS = ['/usr/bin/prlimit', '/bin/prlimit'];
/** Node itself needs 620 MiB, most of them room for compiled code that it reserves. */
const ENGINE_BYTES = 1280 * MIB;
const LONGEST_VALUE = 64 * MIB;
/** The most that SQLite allows. */
const MOST_VALUE = 1_000_000_000;

/** The longest value that SQLite may compute from a file of this size: 64 MiB, or the file. */
export function longestValue(size: number): number {
  return Math.min(Math.max(LONGEST_VALUE, size), MOST_VALUE);
}

/** What a native judge of a file of this size may allocate. It copies a value once or twice. */
export function judgeMemory(size: number): number {
  return ENGINE_BYTES + 2 * longestValue(size);
}

/**
 * The words to put before a command so that its process can allocate this many bytes at most; none
 * where the system has no `prlimit`, or a tighter limit already. Beyond it, SQLite gets no memory
 * and says so. Of all limits only that of the data fits: Node reserves terabytes of addresses.
 */
export function memoryLimiter(bytes: number): readonly string[] {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (program === undefined || hardLimit() < bytes) return [];
  return [program, `--data=${bytes}`, '--'];
}

function hardLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const hard = /^Max data size +\S+ +(\d+)/m.exec(limits)?.[1];
    return hard === undefined ? Infinity : Number(hard);
  } catch {
    return 0;
  }
}
