import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LifeboatError } from '../../lib/errors.ts';
import { openFiles, processIds } from '../../lib/files/open-files.ts';

/**
 * Refuses a WAL database without a `-wal` beside it when its rows may be in the `-wal` beside
 * another name of the file, which SQLite does not look for. Throws `source_invalid`.
 */
export function refuseOtherNames(source: string): void {
  if (isMountPoint(source))
    throw outOfReach(
      `${source} is mounted as a single file, and the rows in its -wal are out of reach`,
      'Mount the folder of the database instead, for example `docker run -v /srv/app:/srv/app`.',
    );
  const names = unexaminedNames(source);
  if (names > 0)
    throw outOfReach(
      `${source} has ${names} more name${names === 1 ? '' : 's'} (hard links), and its -wal may be beside one of them`,
      `Set \`source\` to the path that the application opens. \`find / -xdev -samefile ${source}\` lists all names.`,
    );
  const user = openElsewhere(source);
  if (user)
    throw outOfReach(
      `process ${user.pid} has ${source} open as ${user.path}, and its -wal is there`,
      'Mount the folder of the database into the container of the application instead of the single file, or set `source` to the path that the application opens.',
    );
}

function outOfReach(message: string, hint: string): LifeboatError {
  return new LifeboatError('source_invalid', message, hint);
}

function isMountPoint(source: string): boolean {
  return readLines('/proc/self/mountinfo').some((line) => {
    const point = line.split(' ')[4] ?? '';
    return point.replaceAll(/\\(\d{3})/g, (_, code: string) => octal(code)) === source;
  });
}

/** The kernel escapes blanks and the like in paths. */
function octal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Names of the file except those in its own folder that have no `-wal` either. */
function unexaminedNames(source: string): number {
  const file = statSync(source, { bigint: true });
  if (file.nlink === 1n) return 0;
  const folder = dirname(source);
  const examined = readdirSync(folder).filter((name) => {
    const path = join(folder, name);
    const other = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return other?.dev === file.dev && other.ino === file.ino && !existsSync(`${path}-wal`);
  });
  return Number(file.nlink) - examined.length;
}

/** A process that has the file open under another name, with a `-wal` there; as far as we may see. */
function openElsewhere(source: string): { pid: number; path: string } | undefined {
  const file = statSync(source, { bigint: true });
  for (const pid of processIds()) {
    const open = openFiles(pid);
    for (const [path, descriptor] of open) {
      if (path === source || !open.has(`${path}-wal`)) continue;
      const other = statSync(descriptor, { bigint: true, throwIfNoEntry: false });
      if (other?.dev === file.dev && other.ino === file.ino) return { pid, path };
    }
  }
  return undefined;
}
