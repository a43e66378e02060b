import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHttpsSource } from '../../core/source/https/https.ts';
import type { Source } from '../../core/source/source.ts';
import { createShop } from '../../demo/shop.ts';
import { DatabaseServer } from '../support/database-server.ts';
import { folder } from '../support/files.ts';
import { mountTmpfs } from '../support/root.ts';
import { sourceOn, startSshd } from '../support/sshd.ts';

// Needs root to mount a small file system.
test.each<[string, (path: string) => Promise<Source>]>([
  [
    'https',
    async (path) => {
      const server = new DatabaseServer();
      server.put(readFileSync(path));
      return createHttpsSource({
        url: new URL(`${await server.start()}/shop.db`),
        auth: { kind: 'none' },
        now: () => new Date(),
      });
    },
  ],
  ['ssh', async (path) => sourceOn(await startSshd(), path)],
])('a full disk here is insufficient_space for %s at once, and nothing stays', async (_, open) => {
  const path = join(folder(), 'shop.db');
  createShop(path, 24 * 2 ** 20);
  const source = await open(path);
  const directory = mountTmpfs(8);
  await expect(source.pull({ directory })).rejects.toMatchObject({ code: 'insufficient_space' });
  expect(readdirSync(directory)).toEqual([]);
});
