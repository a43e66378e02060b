import { readFile } from 'node:fs/promises';
import { systemCode } from '../../lib/errors.ts';
import { replaceFile } from './files.ts';

/**
 * What a bucket keeps in an object's metadata. `mtime` (ns) ties the checksum to the content it was
 * taken of.
 */
export type Sidecar = {
  readonly crc32c: string;
  readonly mtime: string;
  readonly expires?: string;
  readonly held: boolean;
};

export const SIDECAR = '.meta';

/** A sidecar that is lost or unreadable is `undefined`: such an object never expires. */
export async function readSidecar(path: string): Promise<Sidecar | undefined> {
  try {
    const value = JSON.parse(await readFile(`${path}${SIDECAR}`, 'utf8')) as Sidecar;
    return typeof value.crc32c === 'string' && typeof value.held === 'boolean' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeSidecar(path: string, sidecar: Sidecar): Promise<void> {
  return replaceFile(`${path}${SIDECAR}`, Buffer.from(JSON.stringify(sidecar)));
}
