import { statSync } from 'node:fs';

const SIBLINGS = ['-wal', '-journal', ''];

/**
 * What tells whether somebody wrote to a database: equal before and after means that nobody did. The time of the inode's change is in it, because
 * the time of the content's change can be set back. Throws nothing for files that are absent.
 */
export function marks(source: string): string {
  return SIBLINGS.map((suffix) => mark(`${source}${suffix}`)).join('; ');
}

/** Whether the last change is so long ago that the next one cannot carry the same time: file systems count time in steps of up to 2 s. */
export function isSettled(source: string, now: number): boolean {
  const found = statSync(source, { throwIfNoEntry: false });
  return found !== undefined && Math.max(found.mtimeMs, found.ctimeMs) < now - 3000;
}

function mark(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : 'absent';
}
