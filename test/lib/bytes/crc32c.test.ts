import { describe, expect, test } from 'vitest';
import { createCrc32c } from '../../../core/lib/bytes/crc32c.ts';

// RFC 3720, B.4, with the bytes of each word in the order of a number.
const VECTORS = [
  ['32 zeroes', Buffer.alloc(32), '8a9136aa'],
  ['32 ones', Buffer.alloc(32, 0xff), '62a8ab43'],
  ['the numbers from 0 to 31', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), '46dd794e'],
  ['nothing', Buffer.alloc(0), '00000000'],
] as const;

describe('CRC32C', () => {
  test.each(VECTORS)('of %s', async (_, bytes, expected) => {
    for (let n = 0; n < 2; n += 1) {
      const crc = await createCrc32c();
      for (const byte of bytes) crc.update(Buffer.from([byte]));
      expect(crc.hex()).toBe(expected);
    }
  });

  test('does not mix concurrent checksums', async () => {
    for (let round = 0; round < 3; round += 1) {
      const all = await Promise.all(Array.from({ length: 100 }, createCrc32c));
      for (const [n, crc] of all.entries()) crc.update(VECTORS[n % 4]?.[1] ?? Buffer.alloc(0));
      expect(all.map((crc) => crc.hex())).toEqual(all.map((_, n) => VECTORS[n % 4]?.[2]));
    }
  });

  test('throws after its end, because another caller may use it', async () => {
    const crc = await createCrc32c();
    crc.hex();
    await createCrc32c();
    expect(() => crc.update(Buffer.from('x'))).toThrow('has ended');
    expect(() => crc.hex()).toThrow('has ended');
  });
});
