import { open } from 'node:fs/promises';
import { headerError, headerFault } from '../sqlite/header.ts';

/**
 * Throws `source_invalid` or `source_empty` when the file that was pulled from `url` is no whole
 * database by its header.
 */
export async function refuseHeaderFault(path: string, size: number, url: string): Promise<void> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
  const fault = headerFault(buffer.subarray(0, bytesRead), size);
  if (fault) throw headerError(fault, url);
}
