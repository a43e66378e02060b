import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeManifest } from '../../core/format/manifest.ts';
import { RESTORE } from '../support/app.ts';
import { copyStore, KEY, prepareStore } from '../support/damaged-store.ts';

prepareStore();

/** The bytes with one bit changed. */
function flip(whole: Buffer, at: number, bit: number): Buffer {
  const flipped = Buffer.from(whole);
  flipped.writeUInt8(whole.readUInt8(at) ^ (1 << bit), at);
  return flipped;
}

/** One byte in so many of a manifest is changed in the store, and one in so many leads to a restore. */
const SAMPLE = 13;

describe('a flipped bit', () => {
  test('anywhere in a chain is detected, named and never restored', async () => {
    const { app, cwd, objects } = await copyStore();
    for (const path of objects('a')) {
      const whole = readFileSync(path);
      const vital = !path.endsWith('fingerprints');
      const step = path.endsWith('manifest.json') ? SAMPLE : 1;
      for (let at = 0; at < whole.length; at += step) {
        writeFileSync(path, flip(whole, at, at % 8));
        const { backups } = await app.verify('a', { readData: false });
        expect(
          backups.some(({ ok }) => !ok),
          `${path} byte ${at}`,
        ).toBe(true);
        // The restore is the expensive check.
        if (vital && at % SAMPLE === 0) {
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

  test('anywhere in a manifest is refused by a reader with the key', async () => {
    const { objects } = await copyStore();
    const manifests = objects('a').filter((path) => path.endsWith('manifest.json'));
    expect(manifests).toHaveLength(2);
    const key = [Buffer.from(KEY, 'hex')];
    for (const path of manifests) {
      const [whole, id] = [readFileSync(path), basename(dirname(path))];
      expect(decodeManifest(whole, 'a', id, key).id).toBe(id);
      for (let at = 0; at < whole.length; at += 1)
        for (let bit = 0; bit < 8; bit += 1)
          expect(
            () => decodeManifest(flip(whole, at, bit), 'a', id, key),
            `${id} byte ${at}, bit ${bit}`,
          ).toThrow(/manifest/);
    }
  });
});
