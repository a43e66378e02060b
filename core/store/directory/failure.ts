import { basename, dirname } from 'node:path';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { shellWord } from '../../lib/processes/shell.ts';
import { ownUserName } from '../../lib/user-name.ts';
import { isTemporaryFile } from './files.ts';

/**
 * The error of the file system as an error of the store in the folder `root`. A LifeboatError, and
 * what the system did not throw, stay as they are.
 */
export function storeFailure(error: unknown, root: string, access: 'read' | 'write to'): unknown {
  if (error instanceof LifeboatError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  const path = failedPath(error) ?? root;
  const at = path === root ? '' : ` (${code} at ${path})`;
  const failure = (
    ...[failureCode, message, hint]: readonly [
      'insufficient_space' | 'store_denied' | 'store_unreachable',
      string,
      string,
    ]
  ) => new LifeboatError(failureCode, message, hint, { cause: error });
  const user = ownUserName();
  if (code === 'ENOENT' && ['mkdir', 'open'].includes(syscallOf(error)) && access === 'write to')
    return failure(
      'store_unreachable',
      `the folder of the store ${root} cannot be created${at}`,
      'Check the path of the store, and that its disk is mounted, then run the command again.',
    );
  if (isRefusedLink(error))
    return failure(
      code === 'EPERM' ? 'store_denied' : 'store_unreachable',
      `the file system of the store ${root} does not support hard links (${code})`,
      'Move the store to a file system with hard links, such as ext4, XFS, Btrfs, APFS or NFS.',
    );
  switch (code) {
    case 'ENOSPC':
      return failure(
        'insufficient_space',
        `no space left in the store ${root}`,
        'Free some space on its disk, or delete expired backups with `lifeboat prune`, then run the command again.',
      );
    case 'EDQUOT':
      return failure(
        'insufficient_space',
        `user ${user} has used up the disk quota in the store ${root}`,
        `Raise the quota of ${user}, or delete expired backups with \`lifeboat prune\`, then run the command again.`,
      );
    case 'EROFS':
      return failure(
        'store_denied',
        `the store ${root} is on a read-only file system`,
        'Mount its disk for writing. If the kernel made it read-only after an error (`dmesg`), check the disk first.',
      );
    case 'EACCES':
    case 'EPERM':
      return failure(
        'store_denied',
        `permission denied: user ${user} cannot ${access} the store ${root}${at}`,
        `Run Lifeboat as the user that owns the store, or give ${user} the folder: \`chown -R ${shellWord(user)} ${shellWord(root)}\`.`,
      );
    default:
      return failure(
        'store_unreachable',
        `the store ${root} cannot be ${access === 'read' ? 'read' : 'written to'} (${code}${path === root ? '' : ` at ${path}`})`,
        'Check the disk of the store, and that it is mounted, then run the command again.',
      );
  }
}

/** FAT and some file systems in user space refuse every hard link, as if a permission were missing. */
function isRefusedLink(error: unknown): boolean {
  const codes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];
  return syscallOf(error) === 'link' && codes.includes(systemCode(error) ?? '');
}

function syscallOf(error: unknown): string {
  return error instanceof Error && 'syscall' in error ? String(error.syscall) : '';
}

/** The path that the system refused. For a temporary file, its folder: the name is made up. */
function failedPath(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('path' in error) || typeof error.path !== 'string')
    return undefined;
  return isTemporaryFile(basename(error.path)) ? dirname(error.path) : error.path;
}
