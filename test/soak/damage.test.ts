import { expect, test } from 'vitest';
import type { Manifest } from '../../core/format/manifest.ts';
import { pickData } from '../../soak/damage.ts';
import { createRandom } from '../../soak/random.ts';

const backup = (...objects: [role: string, key: string, size: number][]) =>
  ({ objects: objects.map(([role, key, size]) => ({ role, key, size })) }) as unknown as Manifest;

test('a bit flips only in data that a backup names, and never twice in the same object', () => {
  const manifests = [
    backup(['data', 'a/1/pages.zst', 0], ['fingerprints', 'a/1/fingerprints', 16]),
    backup(['data', 'b/1/pages.zst', 9], ['fingerprints', 'b/1/fingerprints', 16]),
    backup(['data', 'c/1/database.sqlite3.zst', 9]),
  ];
  const random = createRandom(1);
  const flipped = new Set<string>();
  for (let name; (name = pickData(manifests, flipped, random)) !== undefined;) flipped.add(name);
  expect([...flipped].sort()).toEqual(['b/1/pages.zst', 'c/1/database.sqlite3.zst']);
});
