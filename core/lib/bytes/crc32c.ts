import { createCRC32 } from 'hash-wasm';

export type Crc32c = { update(bytes: Uint8Array): void; hex(): string };

// Making one compiles WebAssembly, which takes longer than hashing a small object.
const MOST_SPARE = 64;
const spare: Awaited<ReturnType<typeof createCRC32>>[] = [];

/**
 * CRC32C (Castagnoli, RFC 3720), as Google Cloud Storage reports it: 8 lower-case hex digits.
 * `hex` ends it; a later call throws.
 */
export async function createCrc32c(): Promise<Crc32c> {
  let crc: (typeof spare)[number] | undefined =
    spare.pop()?.init() ?? (await createCRC32(0x82f63b78));
  const current = (): NonNullable<typeof crc> => {
    // Another caller may use it by now.
    if (!crc) throw new Error('the checksum has ended');
    return crc;
  };
  return {
    update: (bytes) => void current().update(bytes),
    hex: () => {
      const own = current();
      crc = undefined;
      if (spare.length < MOST_SPARE) spare.push(own);
      return own.digest('hex');
    },
  };
}
