import { lstat, readlink, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { isRoot } from '../descriptor.ts';
import { ownUserName } from '../../lib/user-name.ts';

/** The real path of a database, after which symbolic links are not followed any more. */
export async function locate(source: string): Promise<string> {
  try {
    const { path, links } = await resolveLinks(source);
    const status = await stat(path);
    // Opening a FIFO would hang, so its kind is checked first.
    if (status.isDirectory())
      throw new LifeboatError(
        'source_invalid',
        `${source} is a directory`,
        'Name the database file itself.',
      );
    if (!status.isFile())
      throw new LifeboatError(
        'source_invalid',
        `${source} is not a regular file`,
        'Name the database file itself.',
      );
    if (isRoot()) refuseForeignLinks(links, { source, path, uid: status.uid });
    return path;
  } catch (error) {
    if (error instanceof LifeboatError) throw error;
    const code = systemCode(error) ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw sourceUnreachable(
        `there is no file ${source}`,
        'Check the path. In lifeboat.yaml, a relative path is relative to the folder of lifeboat.yaml.',
        error,
      );
    throw sourceUnreachable(
      `user ${ownUserName()} cannot read ${source} (${code})`,
      'Run Lifeboat as a user who can read the database.',
      error,
    );
  }
}

/**
 * Whether somebody else than root can put another file in the place of this one while root reads it.
 * Other users read with no more rights than they have.
 */
export async function mayBeReplaced(path: string): Promise<boolean> {
  if (!isRoot()) return false;
  for (let at = path; ; at = dirname(at)) {
    const { uid, mode } = await lstat(at);
    const isShared = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if (uid !== 0 || isShared) return true;
    if (at === dirname(at)) return false;
  }
}

type Link = { readonly path: string; readonly uid: number };

// As many as Linux follows.
const MOST_LINKS = 40;

/** Follows the symbolic links of a path one by one. Throws the errors of `lstat`. */
async function resolveLinks(source: string): Promise<{ path: string; links: Link[] }> {
  const links: Link[] = [];
  const rest = resolve(source).split(sep).filter(Boolean);
  let path: string = sep;
  while (rest.length > 0) {
    const next = join(path, rest.shift() ?? '');
    const status = await lstat(next);
    if (!status.isSymbolicLink()) {
      path = next;
      continue;
    }
    links.push({ path: next, uid: status.uid });
    if (links.length > MOST_LINKS)
      throw sourceUnreachable(
        `${source} is a symbolic link that leads back to itself`,
        'Name the path of the file itself.',
      );
    const target = resolve(dirname(next), await readlink(next));
    rest.unshift(...target.split(sep).filter(Boolean));
    path = sep;
  }
  return { path, links };
}

/**
 * Somebody who may not read a file could make a link to it and let root back it up. Root's own links
 * are fine, and those of the file's owner.
 */
function refuseForeignLinks(
  links: readonly Link[],
  { source, path, uid }: { source: string; path: string; uid: number },
): void {
  const link = links.find((each) => each.uid !== 0 && each.uid !== uid);
  if (link)
    throw new LifeboatError(
      'source_invalid',
      `${link.path} is a symbolic link of user ${link.uid} to a file of user ${uid}, which root does not follow`,
      `If ${source} is meant to be ${path}, put that path into lifeboat.yaml; otherwise remove the link.`,
    );
}

function sourceUnreachable(message: string, hint: string, cause?: unknown): LifeboatError {
  return new LifeboatError('source_unreachable', message, hint, { cause });
}
