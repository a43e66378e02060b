import { LifeboatError } from '../../lib/errors.ts';
import { ownUserName } from '../../lib/user-name.ts';
import type { ChildFault } from '../child.ts';
import * as sqlite from '../result-codes.ts';
import type { SnapshotInput } from '../types.ts';

/** What the failure of a snapshot means to its user. `source` is the path of the database. */
export function snapshotFault(
  error: unknown,
  { source }: Pick<SnapshotInput, 'source'>,
): ChildFault {
  if (error instanceof LifeboatError)
    return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && 'code' in error ? error.code : undefined;
  const full = system === 'ENOSPC' || system === 'EDQUOT';
  const code = sqlite.primaryCode(error);
  if (full || code === sqlite.FULL || code === sqlite.IOERR)
    return {
      code: 'insufficient_space',
      message: `the snapshot of ${source} cannot be written: ${message}`,
      hint: 'Free some space in the temporary folder, or set TMPDIR to another one.',
    };
  if (code === sqlite.CORRUPT || code === sqlite.NOTADB)
    return {
      code: 'source_invalid',
      message: `${source} is damaged: ${message}`,
      hint: 'Restore the newest good backup with `lifeboat restore`, or repair the file with `.recover` of the sqlite3 program.',
    };
  if (
    code === sqlite.CANTOPEN ||
    code === sqlite.PERM ||
    code === sqlite.AUTH ||
    system === 'EACCES' ||
    system === 'EPERM'
  )
    return {
      code: 'source_unreachable',
      message: `user ${ownUserName()} cannot open ${source}: ${message}`,
      hint: 'Run Lifeboat as a user who can read the database.',
    };
  return {
    code: 'internal',
    message: `the snapshot of ${source} failed: ${message}`,
    hint: 'Run the backup again. If it fails again, please report this.',
  };
}
