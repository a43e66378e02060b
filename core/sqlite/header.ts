export type HeaderFault = {
  readonly code: 'source_invalid' | 'source_empty';
  readonly message: string;
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
      message: 'the file has no bytes',
      hint: 'SQLite would treat this 0-byte file as a new, empty database. Check the path.',
    };
  if (size < 100 || Buffer.from(bytes.subarray(0, 16)).toString('latin1') !== DATABASE_MAGIC)
    return size < 100 && bytes[0] !== 0x1f
      ? invalidSource(
          `the file is too short to be a database (${size} bytes)`,
          'Check the path; if it was cut, take the newest good backup.',
        )
      : stranger(bytes, size);
  const { pageSize, pageCount } = readHeader(bytes);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    return invalidSource(
      `the header has an impossible page size (${pageSize})`,
      'The file is damaged; restore the newest good backup.',
    );
  const format = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(44);
  if (format > NEWEST_SCHEMA_FORMAT)
    return invalidSource(
      `the header has an unknown schema format (${format})`,
      'The file is damaged, or from a newer SQLite than this one; restore the newest good backup.',
    );
  if (size % pageSize !== 0)
    return invalidSource(
      `the length of ${size} bytes is not a number of whole pages`,
      'The file was cut or something was appended; restore the newest good backup, or copy it again.',
    );
  if (pageCount !== undefined && pageCount !== size / pageSize)
    return invalidSource(
      `the header says ${pageCount} pages and the file has ${size / pageSize}`,
      pageCount > size / pageSize
        ? 'The file was cut off, or copied without its -wal; copy it again.'
        : 'Something was appended to the file; restore the newest good backup.',
    );
  return undefined;
}

function invalidSource(message: string, hint: string): HeaderFault {
  return {
    code: 'source_invalid',
    message,
    hint,
  };
}

function stranger(bytes: Uint8Array, size: number): HeaderFault {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    return invalidSource(
      'the file is gzip data, not a database',
      'Name the database itself, not a compressed copy.',
    );
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd)
    return invalidSource(
      'the file is zstd data, not a database',
      'Name the database itself, not a compressed copy.',
    );
  if (size % 512 === 0 && looksRandom(bytes))
    return invalidSource(
      'the file is not a database, and looks encrypted',
      'If it is encrypted by SQLCipher or the like, it cannot be inspected; back up a decrypted export of it.',
    );
  return invalidSource(
    'the file is not a database',
    'Check the path: an SQLite database starts with "SQLite format 3".',
  );
}

function looksRandom(bytes: Uint8Array): boolean {
  return new Set(bytes.subarray(0, 100)).size > 70;
}
