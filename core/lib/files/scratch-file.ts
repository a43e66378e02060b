import { randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * An empty file without a name on the disk of a folder: nobody else can open or replace it, and its
 * space is free again once it is closed. The caller closes it.
 */
export async function openScratchFile(directory: string): Promise<FileHandle> {
  const path = join(directory, `scratch-${randomBytes(8).toString('hex')}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
