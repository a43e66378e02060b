import { describe, expect, test } from 'vitest';
import { decodeManifest, encodeManifest, type Content } from '../../core/format/manifest.ts';
import { MANIFEST_CONTENT as content } from '../support/manifest-content.ts';

const KEY = Buffer.alloc(32, 7);
const read = (value: Content, key?: Buffer) =>
  decodeManifest(encodeManifest(value, key), 'shop', content.id, key ? [key] : []);

describe('a manifest', () => {
  test('comes back as it was written, with and without a key', () => {
    expect(read(content)).toMatchObject({ ...content, hmac: null });
    expect(read(content, KEY)).toMatchObject({
      ...content,
      hmac: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('is refused under another key, or without one when a key is given', () => {
    for (const written of [encodeManifest(content), encodeManifest(content, Buffer.alloc(32, 8))])
      expect(() => decodeManifest(written, 'shop', content.id, [KEY])).toThrow(
        expect.objectContaining({ code: 'backup_forged' }),
      );
    // A key that was rotated still tells what it wrote.
    const [older, newer] = [KEY, Buffer.alloc(32, 9)];
    expect(
      decodeManifest(encodeManifest(content, older), 'shop', content.id, [newer, older]).id,
    ).toBe(content.id);
    // Without the key nobody can tell, and the page says so.
    expect(decodeManifest(encodeManifest(content, KEY), 'shop', content.id).id).toBe(content.id);
  });

  test.each<[string, Partial<Content>, RegExp]>([
    ['of another database', { database: 'blog' }, /says that it is blog/],
    ['of another id', { id: '20261123T030000Z-ffffffff' }, /says that it is/],
    [
      'with an object outside its folder',
      { objects: [{ ...content.objects[0]!, key: 'databases/blog/x' }] },
      /outside of its backup/,
    ],
    [
      'with an object that climbs out',
      { objects: [{ ...content.objects[0]!, key: `databases/shop/${content.id}/../../x` }] },
      /outside of its backup/,
    ],
    ['without data', { objects: [] }, /one data object/],
    [
      'with more fingerprints than pages',
      {
        objects: [
          content.objects[0]!,
          {
            ...content.objects[0]!,
            role: 'fingerprints',
            key: `databases/shop/${content.id}/0011/fingerprints`,
            size: 900 << 20,
          },
        ],
      },
      /16 bytes of fingerprints/,
    ],
    [
      'with numbers in fingerprints that are no HMACs',
      { chain: { ...content.chain, numbered: true } },
      /fingerprints/,
    ],
    [
      'with a page size that SQLite does not have',
      { pageSize: 1000, size: 1000 * content.pageCount },
      /page size/,
    ],
    ['with a size that does not fit', { size: 40_961 }, /size/],
    ['that is full and has a parent', { kind: 'full' }, /kind/],
    [
      'with overlapping pages',
      {
        pages: [
          [1, 3],
          [2, 1],
        ],
      },
      /pages/,
    ],
    ['with pages after the end', { pages: [[10, 2]] }, /pages/],
    [
      'with descending pages',
      {
        pages: [
          [5, 1],
          [3, 1],
        ],
      },
      /pages/,
    ],
  ])('%s is damaged', (_, change, says) => {
    expect(() => read({ ...content, ...change })).toThrow(
      expect.objectContaining({ code: 'backup_damaged', message: expect.stringMatching(says) }),
    );
  });

  test.each([
    ['a future version', { lifeboat: 2 }],
    ['an unknown field', { colour: 'red' }],
    ['an unknown kind', { kind: 'differential' }],
    ['a negative count', { pageCount: -1 }],
    ['a time that is none', { takenAt: 'yesterday' }],
  ])('%s is refused, not guessed at', (_, change) => {
    const text = JSON.stringify({
      ...(JSON.parse(Buffer.from(encodeManifest(content)).toString()) as object),
      ...change,
    });
    expect(() => decodeManifest(Buffer.from(text), 'shop', content.id)).toThrow(
      expect.objectContaining({ code: 'backup_damaged' }),
    );
  });
});
