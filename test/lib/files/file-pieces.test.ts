import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filePieces } from '../../../core/lib/files/file-pieces.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pieces-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the pieces of a file', () => {
  test.each([0, 1, 99, 100, 101, 200, 1234])('are its %d bytes in order', async (size) => {
    const content = Buffer.from(Array.from({ length: size }, (_, at) => at & 255));
    await using file = await openWith(content);
    const parts: Buffer[] = [];
    for await (const piece of filePieces(file, 100)) parts.push(Buffer.from(piece));
    expect(Buffer.concat(parts)).toEqual(content);
    expect(parts.every(({ length }) => length <= 100)).toBe(true);
  });

  test('a piece does not change while the next one is read', async () => {
    await using file = await openWith(
      Buffer.concat([Buffer.alloc(100, 'a'), Buffer.alloc(100, 'b')]),
    );
    const pieces = filePieces(file, 100);
    const { value: first } = await pieces.next();
    // A second reader has its second piece: by then the first one has read its own.
    const other = filePieces(file, 100);
    await other.next();
    await other.next();
    expect(String(first)).toBe('a'.repeat(100));
    await pieces.return(undefined);
    await other.return(undefined);
  });

  test('a failure to read reaches the consumer after the pieces before it', async () => {
    const bytes = Buffer.alloc(100, 'a');
    let reads = 0;
    const failing = {
      read: async (block: Buffer) => {
        reads += 1;
        if (reads > 1) throw Object.assign(new Error('read'), { code: 'EIO' });
        return { bytesRead: bytes.copy(block), buffer: block };
      },
    } as unknown as Parameters<typeof filePieces>[0];
    const pieces = filePieces(failing, 100);
    expect(String((await pieces.next()).value)).toBe('a'.repeat(100));
    await expect(pieces.next()).rejects.toMatchObject({ code: 'EIO' });
  });
});

async function openWith(content: Buffer) {
  const path = join(folder, String(content.length));
  await writeFile(path, content);
  return open(path, 'r');
}
