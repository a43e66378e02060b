import { LifeboatError } from '../../lib/errors.ts';
import type { ChildFault } from '../child.ts';
import * as sqlite from '../result-codes.ts';

/** What the failure of a snapshot means to its user. */
export function snapshotFault(error: unknown): ChildFault {
  if (error instanceof LifeboatError)
    return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  const system = error instanceof Error && 'code' in error ? error.code : undefined;
  const full = system === 'ENOSPC' || system === 'EDQUOT';
  const code = sqlite.primaryCode(error);
  if (full || code === sqlite.FULL || code === sqlite.IOERR)
    return {
      code: 'insufficient_space',
      message: `the snapshot cannot be written: ${message}`,
      hint: 'Free some space in the temporary folder, or name another one in TMPDIR.',
    };
  if (code === sqlite.CORRUPT || code === sqlite.NOTADB)
    return {
      code: 'source_invalid',
      message: `the database is damaged: ${message}`,
      hint: "Restore the newest good backup, or repair it with the sqlite3 program's .recover.",
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
      message: `the database cannot be opened: ${message}`,
      hint: 'Run Lifeboat as a user who may read the database.',
    };
  return {
    code: 'internal',
    message: `the snapshot failed: ${message}`,
    hint: 'Run it again; report it if it stays.',
  };
}
