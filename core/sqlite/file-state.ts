import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Thrown when a source changed while it was being read: another attempt may succeed. */
export const MOVED = Symbol('the source changed meanwhile');

const SIBLINGS = ['-wal', '-journal', ''];
/** Some file systems count times in whole seconds or in steps of two. */
const COARSE_STEP_MS = 3000;
/** A kernel takes the time for file systems once per tick, which is 10 ms at most. */
const TICK_MS = 50;

/**
 * Identity, size and times of a database and its siblings: equal before and after means that nobody
 * wrote in between, if the file was settled before. The inode's change time is included because the
 * content's can be set back. Absent files are part of the state.
 */
export function fileState(source: string): string {
  return SIBLINGS.map((suffix) => pathState(`${source}${suffix}`)).join('; ');
}

/**
 * Whether the last change of the database and its siblings was so long ago that the next one gets a
 * different time. `quietMs` asks for more.
 */
export function isSettled(source: string, now: number, quietMs = 0): boolean {
  const least = Math.max(quietMs, stepOf(source));
  // A time in the future, from a clock that was wrong, differs from that of the next change too.
  return timesOf(source).every((time) => Math.abs(now - time) > least);
}

/**
 * Waits until the file is settled. Throws `MOVED` when it changes meanwhile. Opening a hot journal as
 * root is such a change: SQLite sets its owner.
 */
export async function settle(source: string): Promise<void> {
  if (isSettled(source, Date.now())) return;
  await sleep(stepOf(source) + 10);
  if (!isSettled(source, Date.now())) throw MOVED;
}

/** The step in which times of these files are counted, and a little more, ms. */
function stepOf(source: string): number {
  return timesOf(source).every((time) => time % 1000 === 0) ? COARSE_STEP_MS : TICK_MS;
}

/** Of the last changes of the database and its siblings, ms. */
function timesOf(source: string): number[] {
  return SIBLINGS.flatMap((suffix) => {
    const file = statSync(`${source}${suffix}`, { throwIfNoEntry: false });
    return file ? [file.mtimeMs, file.ctimeMs] : [];
  });
}

function pathState(path: string): string {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  return file ? `${file.dev} ${file.ino} ${file.size} ${file.mtimeNs} ${file.ctimeNs}` : 'absent';
}
