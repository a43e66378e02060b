// Temporary files beside a target, from where they can be renamed to it. Everything that happens to
// one goes through its open handle: when root restores into a folder of an application, the owner of
// that folder can put a symbolic link in the place of any name.

import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { constants, lstat, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { DAY_MS } from '../../lib/text/time.ts';
import { DATABASE_MAGIC } from '../../sqlite/header.ts';
import {
  formatIdentity,
  ownIdentity,
  parseIdentity,
  processState,
} from '../../lib/processes/process-identity.ts';
import { ownUserName } from '../../lib/user-name.ts';

export type FileBeside = { readonly path: string; readonly handle: FileHandle };

const SUFFIX = /^(.+)-[0-9a-f]{8}$/;
const FIRST_BYTES = Buffer.from(DATABASE_MAGIC);

/**
 * Creates an empty private file beside the target for the time of `work`, and removes it unless it
 * was renamed. Throws `usage` when the folder takes no file.
 */
export async function withFileBeside<T>(
  target: string,
  work: (file: FileBeside) => Promise<T>,
): Promise<T> {
  const suffix = `${formatIdentity(ownIdentity())}-${randomBytes(4).toString('hex')}`;
  const path = join(dirname(target), `${prefixOf(target)}${suffix}`);
  const handle = await create(path);
  const remove = () => {
    try {
      unlinkSync(path);
    } catch {
      // It was renamed, or never came into being.
    }
  };
  process.once('exit', remove);
  try {
    return await work({ path, handle });
  } finally {
    await handle.close();
    await unlink(path).catch(() => undefined);
    process.off('exit', remove);
  }
}

/** Throws when the name no longer leads to the file, or the file has another name as well. */
export async function requireSame({ path, handle }: FileBeside): Promise<void> {
  const [own, there] = [
    await handle.stat({ bigint: true }),
    await lstat(path, { bigint: true }).catch(() => undefined),
  ];
  if (own.nlink === 1n && there?.isFile() && there.dev === own.dev && there.ino === own.ino) return;
  throw new LifeboatError(
    'usage',
    `somebody replaced the file that was being restored in ${dirname(path)}`,
    'Restore to a folder that only trusted users can write to.',
  );
}

/**
 * Removes what restores to this target left beside it when they were killed. Only files with our
 * name and content, and none of a restore that may be running.
 */
export async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = prefixOf(target);
  for (const name of await readdir(folder).catch(() => [])) {
    const [, text = ''] = (name.startsWith(prefix) && SUFFIX.exec(name.slice(prefix.length))) || [];
    const owner = parseIdentity(text);
    const path = join(folder, name);
    if (!owner || !(await isLeftover(path, processState(owner)))) continue;
    // A restore on another machine or in another container may be running while it still writes.
    if (processState(owner) === 'unknown' && !(await isUnchangedForADay(path, target))) continue;
    await unlink(path).catch(() => undefined);
  }
}

function prefixOf(target: string): string {
  return `.${basename(target)}.lifeboat-`;
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx+', 0o600);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    throw new LifeboatError(
      'usage',
      `user ${ownUserName()} cannot create a file in ${dirname(path)} (${code ?? String(cause)})`,
      'Choose a folder in which this user can create files.',
      { cause },
    );
  }
}

/**
 * Whether nobody wrote to a file for a day, by the clock of this machine and by that of its file
 * system, which a new file shows: either may be ahead.
 */
async function isUnchangedForADay(path: string, target: string): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  if (!file || Date.now() - file.mtimeMs < DAY_MS) return false;
  return withFileBeside(target, async ({ handle }) => {
    const now = await handle.stat();
    return now.mtimeMs - file.mtimeMs >= DAY_MS;
  });
}

async function isLeftover(path: string, owner: ReturnType<typeof processState>): Promise<boolean> {
  if (owner === 'running') return false;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using file = await open(path, flags);
    const status = await file.stat();
    const own = process.geteuid?.() === 0 || status.uid === process.geteuid?.();
    if (!status.isFile() || !own) return false;
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(FIRST_BYTES.length),
      0,
      FIRST_BYTES.length,
      0,
    );
    return bytesRead === 0 || buffer.equals(FIRST_BYTES) || buffer.every((byte) => byte === 0);
  } catch {
    return false;
  }
}
