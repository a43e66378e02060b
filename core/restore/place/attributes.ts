import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';

/**
 * Gives a file the owner, mode and access control list of another, as far as this process may, and
 * never more rights than that one gave. Set-user-ID and the like are left out: it is data.
 */
export async function copyAttributes(from: FileHandle, to: FileHandle): Promise<void> {
  const { uid, gid, mode } = await from.stat();
  await to
    .chown(uid, gid)
    .catch(async () => to.chown((await to.stat()).uid, gid))
    .catch(() => undefined);
  await copyAccessList(from, to);
  await to.chmod(mode & 0o777);
}

/** Node has no call for access control lists; `cp` of the GNU core utilities does it by handle. */
async function copyAccessList(from: FileHandle, to: FileHandle): Promise<void> {
  if (process.platform !== 'linux') return;
  const child = spawn(
    'cp',
    ['--attributes-only', '--preserve=mode', '/proc/self/fd/3', '/proc/self/fd/4'],
    { stdio: ['ignore', 'ignore', 'ignore', from.fd, to.fd], timeout: 10_000 },
  );
  await once(child, 'close').catch(() => undefined);
}
