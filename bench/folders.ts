import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of all files below a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => lstat(join(parentPath, name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

export function empty(folder: string): void {
  for (const name of readdirSync(folder))
    rmSync(join(folder, name), { recursive: true, force: true });
}

/** The folder that is kept, and the one of this run inside it. */
export function makeFolders(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // In a shared temporary folder somebody else may have made it first.
  if (lstatSync(folder).uid !== process.getuid?.())
    throw new Error(`${folder} belongs to another user; give another --folder`);
  return mkdtempSync(join(folder, 'run-'));
}

export function removeFolder(folder: string): void {
  return rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
