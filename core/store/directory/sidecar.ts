import { replaceFile, readSmallFile } from './files.ts';

/**
 * What a bucket keeps in an object's metadata. `mtime` (ns) ties the checksum to the content it was
 * computed from.
 */
export type Sidecar = {
  readonly crc32c: string;
  readonly mtime: string;
  readonly expires?: string | undefined;
  readonly held: boolean;
};

export const SIDECAR = '.meta';
// Five fields; the longest that Lifeboat writes has 130 bytes.
const MOST_SIDECAR_BYTES = 4096;

/**
 * `undefined` when there is none, `damaged` when the file is not as Lifeboat writes it. Nothing is
 * concluded from a damaged one: the object is kept for ever.
 */
export async function readSidecar(path: string): Promise<Sidecar | 'damaged' | undefined> {
  const bytes = await readSmallFile(`${path}${SIDECAR}`, MOST_SIDECAR_BYTES);
  return bytes instanceof Uint8Array ? (parseSidecar(bytes) ?? 'damaged') : bytes;
}

/** Under the lock of the object; `confirm` throws when it was lost meanwhile. */
export function writeSidecar(
  path: string,
  sidecar: Sidecar,
  confirm: () => Promise<void>,
): Promise<void> {
  return replaceFile(`${path}${SIDECAR}`, Buffer.from(JSON.stringify(sidecar)), confirm);
}

function parseSidecar(bytes: Buffer): Sidecar | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { crc32c, mtime, expires, held } = value as Record<string, unknown>;
  if (typeof crc32c !== 'string' || !/^[0-9a-f]{8}$/.test(crc32c)) return undefined;
  if (typeof mtime !== 'string' || !/^-?\d+$/.test(mtime)) return undefined;
  if (typeof held !== 'boolean') return undefined;
  if (expires === undefined) return { crc32c, mtime, held };
  if (typeof expires !== 'string' || Number.isNaN(Date.parse(expires))) return undefined;
  return { crc32c, mtime, expires, held };
}
