import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { LifeboatError } from '../../lib/errors.ts';
import { exists } from '../../lib/files/files.ts';

/** A file to restore to. */
export type Target = {
  /** Where the file is or will be: symbolic links are followed. */
  readonly path: string;
  /** Move existing files aside instead of refusing them. */
  readonly force: boolean;
};

/** The database and the files that SQLite keeps beside it. */
export const DATABASE_SUFFIXES = ['', '-wal', '-shm', '-journal'];

/** Finds the file to restore to. Throws `usage` when nothing can or may be restored there. */
export async function findTarget(to: string, force: boolean): Promise<Target> {
  const path = await followLink(to);
  if (!(await exists(dirname(path))))
    throw new LifeboatError(
      'usage',
      `the folder ${dirname(path)} does not exist`,
      `Create it with \`mkdir -p ${dirname(path)}\`, or choose another target.`,
    );
  await refuseOccupied(path, force);
  return { path, force };
}

/** Throws `usage` for what is not a regular file, and unless forced for any existing file. */
export async function refuseOccupied(path: string, force: boolean): Promise<void> {
  const occupied = await existingFiles(path);
  for (const each of occupied) {
    const kind = await lstat(each).catch(() => undefined);
    if (kind && !kind.isFile())
      throw new LifeboatError(
        'usage',
        `${each} is ${kind.isDirectory() ? 'a directory' : 'not a regular file'}`,
        'Set --to to a file: Lifeboat replaces only regular files.',
      );
  }
  if (occupied.length > 0 && !force)
    throw new LifeboatError(
      'usage',
      `${occupied.map((each) => basename(each)).join(', ')} already exists in ${dirname(path)}`,
      'Choose another target, or use --force, which moves the old files aside.',
    );
}

/** The database and its siblings, as far as they exist. */
export async function existingFiles(path: string): Promise<string[]> {
  const paths: string[] = [];
  for (const suffix of DATABASE_SUFFIXES)
    if (await exists(`${path}${suffix}`)) paths.push(`${path}${suffix}`);
  return paths;
}

async function followLink(path: string): Promise<string> {
  const link = await lstat(path).catch(() => undefined);
  if (link?.isSymbolicLink() !== true) return path;
  try {
    const [real, file] = [await realpath(path), await stat(path)];
    // Root must not be led to another user's file by a link in a folder that it does not control.
    if (process.geteuid?.() === 0 && link.uid !== 0 && link.uid !== file.uid)
      throw new LifeboatError(
        'usage',
        `${path} is a symbolic link to ${real}, a file of another user`,
        `Set --to to the file itself: \`--to ${real}\`.`,
      );
    return real;
  } catch (cause) {
    if (cause instanceof LifeboatError) throw cause;
    throw new LifeboatError(
      'usage',
      `${path} is a symbolic link to a file that does not exist`,
      'Remove the link, or set --to to the file itself.',
      { cause },
    );
  }
}
