import { LifeboatError } from '../lib/errors.ts';

export type HeaderFault = {
  readonly code: 'source_invalid' | 'source_empty';
  /** What is wrong with the file; follows its name in a sentence. */
  readonly problem: string;
  readonly hint: string;
};

export type Header = {
  readonly pageSize: number;
  /**
   * From the header; `undefined` where an old SQLite wrote last and did not update it (bytes 24-27
   * against 92-95).
   */
  readonly pageCount: number | undefined;
  readonly wal: boolean;
};

/** The first bytes of every database. */
export const DATABASE_MAGIC = 'SQLite format 3\0';
const NEWEST_SCHEMA_FORMAT = 4;
const RESTORE = 'restore the newest good backup with `lifeboat restore`';

/**
 * Reads the first 100 bytes of a database. https://www.sqlite.org/fileformat2.html, section 1.3.
 */
export function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const counts = view.getUint32(24) === view.getUint32(92) && view.getUint32(28) > 0;
  return {
    pageSize: pageSizeOf(bytes),
    pageCount: counts ? view.getUint32(28) : undefined,
    wal: view.getUint8(18) === 2 || view.getUint8(19) === 2,
  };
}

/** The page size in the first 18 bytes of a database. */
export function pageSizeOf(bytes: Uint8Array): number {
  const value = ((bytes[16] ?? 0) << 8) | (bytes[17] ?? 0);
  return value === 1 ? 65_536 : value;
}

/**
 * Why this cannot be a whole database; `undefined` when its header and length agree. `bytes` are
 * the first 100, or all there are.
 */
export function headerFault(bytes: Uint8Array, size: number): HeaderFault | undefined {
  if (size === 0)
    return {
      code: 'source_empty',
      problem: 'has no bytes',
      hint: 'SQLite would treat this 0-byte file as a new, empty database. Check the path.',
    };
  if (size < 100 || Buffer.from(bytes.subarray(0, 16)).toString('latin1') !== DATABASE_MAGIC)
    return size < 100 && bytes[0] !== 0x1f
      ? invalidSource(
          `is too short to be a database (${size} bytes)`,
          `Check the path. If the file was truncated, ${RESTORE}.`,
        )
      : stranger(bytes, size);
  const { pageSize, pageCount } = readHeader(bytes);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    return invalidSource(
      `is damaged: its header has an impossible page size (${pageSize})`,
      `To get your data back, ${RESTORE}.`,
    );
  const format = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(44);
  if (format > NEWEST_SCHEMA_FORMAT)
    return invalidSource(
      `has an unknown schema format in its header (${format})`,
      `If a newer SQLite wrote the file, use a newer Lifeboat. If not, the file is damaged: ${RESTORE}.`,
    );
  if (size % pageSize !== 0)
    return invalidSource(
      `does not consist of whole pages: it has ${size} bytes, and a page has ${pageSize}`,
      `The file was truncated, or something was appended to it. Copy it again, or ${RESTORE}.`,
    );
  if (pageCount !== undefined && pageCount !== size / pageSize)
    return invalidSource(
      `has ${size / pageSize} pages, but its header says ${pageCount} pages`,
      pageCount > size / pageSize
        ? `The file was truncated, or copied without its -wal. Copy it again, or ${RESTORE}.`
        : `Something was appended to the file. Copy it again, or ${RESTORE}.`,
    );
  return undefined;
}

/** The error about a file, named by its path or address, whose header has this fault. */
export function headerError({ code, problem, hint }: HeaderFault, file: string): LifeboatError {
  return new LifeboatError(code, `${file} ${problem}`, hint);
}

function invalidSource(problem: string, hint: string): HeaderFault {
  return { code: 'source_invalid', problem, hint };
}

function stranger(bytes: Uint8Array, size: number): HeaderFault {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    return invalidSource(
      'is gzip data, not a database',
      'Name the database itself, not a compressed copy.',
    );
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd)
    return invalidSource(
      'is zstd data, not a database',
      'Name the database itself, not a compressed copy.',
    );
  if (size % 512 === 0 && looksRandom(bytes))
    return invalidSource(
      'is not a database, and looks encrypted',
      'If SQLCipher or a similar program encrypts it, back up a decrypted export: Lifeboat cannot inspect an encrypted database.',
    );
  return invalidSource(
    'is not a database',
    'Check the path: an SQLite database starts with "SQLite format 3".',
  );
}

function looksRandom(bytes: Uint8Array): boolean {
  return new Set(bytes.subarray(0, 100)).size > 70;
}
