import { statSync } from 'node:fs';

const SIBLINGS = ['-wal', '-journal', ''];

/**
 * Identity, size and times of a database and its siblings: equal before and after means that nobody
 * wrote in between. The inode's change time is included because the content's can be set back.
 * Absent files are part of the state.
 */
export function fileState(source: string): string {
  return SIBLINGS.map((suffix) => stateOf(`${source}${suffix}`)).join('; ');
}

/**
 * Whether the last change is so old that the next one gets a different time: some file systems
 * count in steps of 2 s.
 */
export function isSettled(source: string, now: number): boolean {
  const file = statSync(source, { throwIfNoEntry: false });
  return file !== undefined && Math.max(file.mtimeMs, file.ctimeMs) < now - 3000;
}

function stateOf(path: string): string {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  return file ? `${file.ino} ${file.size} ${file.mtimeNs} ${file.ctimeNs}` : 'absent';
}
