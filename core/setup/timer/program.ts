import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** Folders of one shell session: fnm's links are gone after the next start of the machine. */
const SESSION_FOLDER = /^\/run\/|\/fnm_multishells\//;

/**
 * The path by which timers should start a file: the first link `name` in `searchPath` that leads to
 * it, because package managers keep the link and put each version into a folder of its own. The
 * file itself if there is no such link.
 */
export function lastingPath(file: string, name: string, searchPath: string): string {
  const target = realpathSync(file);
  const links = searchPath
    .split(':')
    .filter((folder) => isAbsolute(folder) && !SESSION_FOLDER.test(`${folder}/`))
    .map((folder) => join(folder, name));
  return links.find((link) => leadsTo(link, target)) ?? file;
}

/** Whether it is a link to the target that nobody but root and the target's owner can change. */
function leadsTo(link: string, target: string): boolean {
  try {
    if (realpathSync(link) !== target) return false;
    const owners = [lstatSync(link).uid, statSync(dirname(link)).uid];
    return owners.every((uid) => uid === 0 || uid === statSync(target).uid);
  } catch {
    return false;
  }
}
