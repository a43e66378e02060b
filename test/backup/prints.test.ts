import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storePrints } from '../../core/backup/prints.ts';
import type { Context } from '../../core/context.ts';
import { openScratchFile } from '../../core/lib/files/scratch-file.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { folder } from '../support/files.ts';

test('a scratch file has no name, so that nobody can put another in its place', async () => {
  const directory = folder();
  await using file = await openScratchFile(directory);
  await file.write('fingerprints');
  expect(readdirSync(directory)).toEqual([]);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20, 0);
  expect(buffer.toString('utf8', 0, bytesRead)).toBe('fingerprints');
});

test('fingerprints that the temporary disk changed are not believed', async () => {
  await using file = await openScratchFile(folder());
  await file.write('fingerprints');
  const context = { store: createMemoryStore() } as unknown as Context;
  const prints = {
    key: 'databases/shop/x/fingerprints',
    expires: new Date(Date.now() + 1e6),
    sha256: 'f'.repeat(64),
    signal: new AbortController().signal,
  };
  await expect(storePrints(context, file, prints)).rejects.toMatchObject({
    code: 'internal',
    message: 'a temporary file does not contain what Lifeboat wrote to it',
  });
});
