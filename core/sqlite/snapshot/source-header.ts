import { closeSync, fstatSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRegularFile } from '../descriptor.ts';
import { fileState, MOVED } from '../file-state.ts';
import { headerError, headerFault } from '../header.ts';

/**
 * The first bytes; closing the file drops this process's locks on it, and there are none yet: every
 * connection is opened after this.
 */
function headOf(source: string): { head: Buffer; size: number } {
  const file = openRegularFile(source);
  try {
    const head = Buffer.alloc(100);
    return { head: head.subarray(0, readSync(file, head, 0, 100, 0)), size: fstatSync(file).size };
  } finally {
    closeSync(file);
  }
}

/** SQLite goes by the second byte; a file with only the first is damaged, and opened with equal care. */
export function isWal(source: string): boolean {
  const { head } = headOf(source);
  return head[18] === 2 || head[19] === 2;
}

/**
 * A file without siblings must be complete. SQLite would ignore some of these faults, and drop
 * appended bytes.
 */
export async function refuseIncomplete(source: string): Promise<void> {
  const before = fileState(source);
  const { head, size } = headOf(source);
  const fault = headerFault(head, size);
  if (!fault) return;
  // A writer without a journal may be about to complete the file.
  await sleep(250);
  if (fileState(source) !== before) throw MOVED;
  throw headerError(fault, source);
}
