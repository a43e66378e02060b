import { open } from 'node:fs/promises';
import { LifeboatError } from '../lib/errors.ts';
import { headerFault } from '../sqlite/header.ts';

/** Refuses a pulled file that is no whole database by its header: `source_invalid`, `source_empty`. */
export async function refuseHeaderFault(path: string, size: number): Promise<void> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  const fault = headerFault(buffer.subarray(0, bytesRead), size);
  if (fault) throw new LifeboatError(fault.code, fault.message, fault.hint);
}
