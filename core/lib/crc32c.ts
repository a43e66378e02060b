import { createCRC32 } from 'hash-wasm';

export type Crc32c = { update(bytes: Uint8Array): void; hex(): string };

// To make one compiles WebAssembly, which takes longer than to hash a small object.
const MOST_SPARE = 64;
const spare: Awaited<ReturnType<typeof createCRC32>>[] = [];

/**
 * CRC32C (Castagnoli, RFC 3720), as Google Cloud Storage reports it; 8 lower-case hex digits, which
 * end it.
 */
export async function createCrc32c(): Promise<Crc32c> {
  let crc: (typeof spare)[number] | undefined =
    spare.pop()?.init() ?? (await createCRC32(0x82f63b78));
  const used = (): NonNullable<typeof crc> => {
    // Somebody else may have it by now.
    if (!crc) throw new Error('the checksum has been told');
    return crc;
  };
  return {
    update: (bytes) => void used().update(bytes),
    hex: () => {
      const own = used();
      crc = undefined;
      if (spare.length < MOST_SPARE) spare.push(own);
      return own.digest('hex');
    },
  };
}
