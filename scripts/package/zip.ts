import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/**
 * Writes a folder as a zip whose bytes depend on nothing but the names and contents in it, and
 * answers its SHA-256. The entries are sorted, have one time and mode, and are stored as they are:
 * another version of zlib would compress differently, and the whole is small.
 */
export async function zipFolder(folder: string, file: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort();
  const zip = new ZipFile();
  // A DOS time has no zone: these are the local fields, so they are the same everywhere.
  const options = {
    mtime: new Date(2000, 0, 1),
    mode: 0o100644,
    compress: false,
    forceDosTimestamp: true,
  };
  for (const name of names) zip.addBuffer(await readFile(join(folder, name)), name, options);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}
