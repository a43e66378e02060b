import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readManifestBundle, saveManifestBundle } from '../../core/catalog/manifest-bundle.ts';
import { encodeManifest, manifestKey, type Manifest } from '../../core/format/manifest.ts';
import type { StoredObject } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { MANIFEST_CONTENT } from '../support/manifest-content.ts';

test('a bundle of large manifests in another script has as many as a reader accepts', async () => {
  const store = createMemoryStore();
  const objects = new Map<string, StoredObject>();
  const manifests = Array.from({ length: 40 }, (_, n) => {
    const id = `20261123T0330${10 + n}Z-0000beef`;
    const bytes = encodeManifest({
      ...MANIFEST_CONTENT,
      objects: [],
      id,
      tool: '表'.repeat(80_000),
    });
    const md5 = createHash('md5').update(bytes).digest('hex');
    const key = manifestKey('shop', id);
    objects.set(key, { key, size: bytes.length, md5, generation: '1', held: false });
    return JSON.parse(String(bytes)) as Manifest;
  });
  const to = { store, log: () => undefined };
  await saveManifestBundle(to, 'shop', { manifests, objects }, undefined);
  expect((await readManifestBundle(store, 'shop')).size).toBeGreaterThan(30);
});
