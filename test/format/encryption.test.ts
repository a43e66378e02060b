import { describe, expect, test } from 'vitest';
import { decrypt, encrypt } from '../../core/format/encryption.ts';
import { generateKeys, parseKeys } from '../../core/format/keys.ts';

const collect = async (input: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of input) parts.push(part);
  return Buffer.concat(parts);
};
const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

describe('encryption', () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 200_000])(
    '%i bytes come back with the identity',
    async (length) => {
      const { identity, recipient } = await generateKeys();
      const content = Buffer.alloc(length, 'lifeboat ');
      const stored = await collect(encrypt(once(content), [recipient]));
      expect(stored.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
      expect((await collect(decrypt(once(stored), [identity]))).equals(content)).toBe(true);
    },
  );

  test('distinguishes a missing identity, a wrong identity and damage', async () => {
    const [mine, other] = [await generateKeys(), await generateKeys()];
    const stored = await collect(encrypt(once(Buffer.from('secret')), [mine.recipient]));
    const recipients = [mine.recipient];
    await expect(collect(decrypt(once(stored), [], recipients))).rejects.toMatchObject({
      code: 'key_missing',
      message: `this backup is encrypted for ${mine.recipient}, and LIFEBOAT_IDENTITY is not set`,
    });
    await expect(
      collect(decrypt(once(stored), [other.identity], recipients)),
    ).rejects.toMatchObject({
      code: 'key_wrong',
      message: `LIFEBOAT_IDENTITY does not match this backup, which is encrypted for ${mine.recipient}`,
    });
    await expect(collect(decrypt(once(stored), []))).rejects.toMatchObject({
      message: 'this backup is encrypted, and LIFEBOAT_IDENTITY is not set',
    });
    stored.writeUInt8(stored.readUInt8(stored.length - 1) ^ 1, stored.length - 1);
    await expect(collect(decrypt(once(stored), [mine.identity]))).rejects.toMatchObject({
      code: 'backup_damaged',
    });
  });

  test('an invalid recipient is refused before anything is written', async () => {
    await expect(
      collect(encrypt(once(Buffer.from('secret')), ['age1nonsense'])),
    ).rejects.toMatchObject({ code: 'key_wrong' });
  });

  test('a file of age-keygen is accepted, and other text is refused without quoting it', async () => {
    const { identity, key } = await generateKeys();
    const keys = parseKeys(`# created: today\n# public key: age1…\n${identity}\n`, key);
    expect(keys.identities).toEqual([identity]);
    expect(keys.key?.length).toBe(32);
    expect(() => parseKeys('my password', undefined)).toThrow(
      expect.objectContaining({
        code: 'key_wrong',
        message: expect.not.stringContaining('my password'),
      }),
    );
    expect(() => parseKeys(undefined, 'abc')).toThrow(
      expect.objectContaining({ code: 'key_wrong' }),
    );
  });
});
