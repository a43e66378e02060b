import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RESTORE } from '../support/app.ts';
import { copyStore, prepareStore } from '../support/damaged-store.ts';

prepareStore();

test('a flipped byte anywhere in a chain is detected, named and never restored', async () => {
  const { app, cwd, objects } = await copyStore();
  for (const path of objects('a')) {
    const whole = readFileSync(path);
    const vital = !path.endsWith('fingerprints');
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(at) ^ (1 << (at % 8)), at);
      writeFileSync(path, flipped);
      const { backups } = await app.verify('a', { readData: false });
      expect(
        backups.some(({ ok }) => !ok),
        `${path} byte ${at}`,
      ).toBe(true);
      // The restore is the expensive check, so it runs for one byte in 13.
      if (vital && at % 13 === 0) {
        await expect(
          app.restore('a', { ...RESTORE, to: 'out.db' }),
          `${path} byte ${at}`,
        ).rejects.toMatchObject({ exit: 5 });
        expect(existsSync(join(cwd, 'out.db'))).toBe(false);
      }
    }
    writeFileSync(path, whole);
  }
  expect((await app.verify('a', { readData: true })).backups.every(({ ok }) => ok)).toBe(true);
});
