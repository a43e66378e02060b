import { createCRC32 } from 'hash-wasm';

export type Crc32c = { update(bytes: Uint8Array): void; hex(): string };

/** CRC32C (Castagnoli, RFC 3720), as Google Cloud Storage reports it; 8 lower-case hex digits. */
export const createCrc32c = async (): Promise<Crc32c> => {
  const crc = await createCRC32(0x82f63b78);
  return { update: (bytes) => void crc.update(bytes), hex: () => crc.digest('hex') };
};
