import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createCatalog, type Catalog } from '../../core/catalog/catalog.ts';
import { damageKey } from '../../core/catalog/damage.ts';
import {
  manifestBundleGeneration,
  manifestBundleKey,
  saveManifestBundle,
} from '../../core/catalog/manifest-bundle.ts';
import {
  encodeManifest,
  manifestBytes,
  manifestKey,
  type Manifest,
} from '../../core/format/manifest.ts';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import type { Store } from '../../core/store/store.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { folder } from '../support/files.ts';
import { MANIFEST_CONTENT } from '../support/manifest-content.ts';
import { addOlderBackups } from '../support/older-backups.ts';

const NOW = new Date('2026-11-23T04:00:00Z');
const FULL = {
  ...MANIFEST_CONTENT,
  kind: 'full',
  parent: null,
  base: null,
  depth: 0,
  pages: null,
  objects: MANIFEST_CONTENT.objects.map((each) => ({ ...each, size: 0 })),
} as const;
const NEWEST = manifestKey('shop', FULL.id);
const KEY = manifestBundleKey('shop');

const catalogOf = (store: Store): Catalog => createCatalog(store, { olderKeys: [] }, () => NOW);

const fill = async (store: Store, count: number): Promise<void> => {
  const content = { ...FULL, objects: [...FULL.objects], pages: null };
  for (const { key } of content.objects) await store.create(key, new Uint8Array());
  const bytes = encodeManifest(content);
  await store.create(NEWEST, bytes);
  await addOlderBackups(store, JSON.parse(String(bytes)) as Manifest, count - 1);
};

/** A store that knows the MD5 of its objects, as a bucket does, and counts what is read. */
const asBucket = (store: Store, reads: string[]): Store => ({
  ...store,
  list: async function* (prefix) {
    for await (const object of store.list(prefix)) {
      const md5 = createHash('md5')
        .update(await collect(store.read(object.key)))
        .digest('hex');
      yield { ...object, md5 };
    }
  },
  read: (key) => {
    reads.push(key);
    return store.read(key);
  },
});

/** A bucket with five backups and their bundle, and what is read of it from then on. */
const bundled = async () => {
  const reads: string[] = [];
  const store = asBucket(createMemoryStore(), reads);
  await fill(store, 5);
  const before = await catalogOf(store).list('shop');
  const warnings: string[] = [];
  const save = (to: Store = store, generation?: string) =>
    saveManifestBundle(
      { store: to, log: (_, text) => void warnings.push(text) },
      'shop',
      before,
      generation,
    );
  await save();
  reads.length = 0;
  const manifestReads = () => reads.filter((key) => key.endsWith('manifest.json')).length;
  const put = async (key: string, body: Uint8Array) =>
    store.replace(key, body, (await store.stat(key))?.generation);
  return { store, before, warnings, save, reads, manifestReads, put };
};

const packed = (...manifests: unknown[]): Buffer =>
  gzipSync(JSON.stringify({ lifeboat: 1, database: 'shop', manifests }));

describe('a bundle of manifests', () => {
  test('takes the place of every manifest, in one request', async () => {
    const { store, before, reads } = await bundled();
    const { manifests, damaged } = await catalogOf(store).list('shop');
    expect(manifests).toEqual(before.manifests);
    expect([manifests.length, damaged]).toEqual([5, []]);
    expect(reads).toEqual([damageKey('shop'), KEY]);
  });

  test('leaves out what was committed after it, which is read itself', async () => {
    const { store, before, manifestReads } = await bundled();
    const [first] = before.manifests;
    const id = '20261123T033000Z-0000beef';
    const { hmac: _, digest: __, ...content } = first as Manifest;
    const objects = content.objects.map((each) => ({
      ...each,
      key: each.key.replace(content.id, id),
    }));
    await store.create(manifestKey('shop', id), encodeManifest({ ...content, id, objects }));
    const { manifests } = await catalogOf(store).list('shop');
    expect([manifests.length, manifestReads()]).toEqual([6, 1]);
  });

  test('does not hide that a manifest was changed in the bucket', async () => {
    const { store, manifestReads, put } = await bundled();
    await put(NEWEST, Buffer.from('{}'));
    const { manifests, damaged } = await catalogOf(store).list('shop');
    expect(damaged.map(({ id, error }) => [id, error.code])).toEqual([[FULL.id, 'backup_damaged']]);
    expect([manifests.length, manifestReads()]).toEqual([4, 1]);
  });

  test('does not bring back a backup that the bucket no longer has', async () => {
    const { store } = await bundled();
    const deleted: Store = {
      ...store,
      list: async function* (prefix) {
        for await (const object of store.list(prefix)) if (object.key !== NEWEST) yield object;
      },
    };
    const { manifests } = await catalogOf(deleted).list('shop');
    expect(manifests.map(({ id }) => id)).not.toContain(FULL.id);
  });

  test.each<[string, (manifests: readonly Manifest[]) => Uint8Array]>([
    ['names another SHA-256', (all) => packed(...all.map(planted))],
    ['is of another version', () => gzipSync('{"lifeboat":2,"manifests":{}}')],
    ['has no texts', () => packed(1, null, ['x'], {})],
    ['is not compressed', () => Buffer.from('{}')],
    ['is cut', (all) => packed(...all.map(String)).subarray(0, 20)],
    ['would fill the memory', () => gzipSync(Buffer.alloc(9 << 20, '['))],
    ['is larger than any that is written', () => Buffer.alloc((8 << 20) + 1)],
  ])('that %s is not used', async (_, bodyOf) => {
    const { store, before, manifestReads, put } = await bundled();
    await put(KEY, bodyOf(before.manifests));
    const { manifests, damaged } = await catalogOf(store).list('shop');
    expect(manifests).toEqual(before.manifests);
    expect([damaged, manifestReads()]).toEqual([[], 5]);
  });

  test('is not used to verify, which reads the manifests themselves', async () => {
    const { store, manifestReads } = await bundled();
    await catalogOf(store).list('shop', { withoutBundle: true });
    expect(manifestReads()).toBe(5);
  });

  test('proves nothing without the key that the manifests need', async () => {
    const { store } = await bundled();
    const key = Buffer.alloc(32, 1);
    const { manifests, damaged } = await createCatalog(
      store,
      { key, olderKeys: [] },
      () => NOW,
    ).list('shop');
    expect(manifests).toEqual([]);
    expect(new Set(damaged.map(({ error }) => error.code))).toEqual(new Set(['backup_forged']));
  });

  test('that another run wrote since the listing stays', async () => {
    const { store, warnings, save, put } = await bundled();
    const generation = await manifestBundleGeneration(store, 'shop');
    const other = packed();
    await put(KEY, other);
    await save(store, generation);
    expect(await collect(store.read(KEY))).toEqual(other);
    expect(warnings).toEqual([]);
  });

  test('that nobody wrote since the listing is replaced', async () => {
    const { store, save, put, manifestReads } = await bundled();
    await put(KEY, packed());
    await save(store, await manifestBundleGeneration(store, 'shop'));
    await catalogOf(store).list('shop');
    expect(manifestReads()).toBe(0);
  });

  test('stays when its generation could not be read', async () => {
    const { store, save, put } = await bundled();
    const other = packed();
    await put(KEY, other);
    const broken: Store = { ...store, stat: () => Promise.reject(new Error('cut off')) };
    await save(store, await manifestBundleGeneration(broken, 'shop'));
    expect(await collect(store.read(KEY))).toEqual(other);
  });

  test('that cannot be stored is a warning, because the manifests are there', async () => {
    const { store, warnings, save } = await bundled();
    await save({
      ...store,
      replace: () => {
        throw new LifeboatError('store_denied', 'no right to write', 'Grant it.');
      },
    });
    expect(warnings).toEqual(['the manifests of shop could not be bundled: no right to write']);
  });

  test('is not made in a folder, which knows no MD5 and where reading a manifest is cheap', async () => {
    const store = createDirectoryStore(folder());
    await fill(store, 5);
    const listing = await catalogOf(store).list('shop');
    await saveManifestBundle({ store, log: () => undefined }, 'shop', listing, undefined);
    expect([listing.manifests.length, await store.stat(KEY)]).toEqual([5, undefined]);
  });
});

/** A manifest as somebody would plant it: complete, with a digest of its own. */
function planted({ hmac: _, digest: __, ...content }: Manifest): string {
  return String(encodeManifest({ ...content, sha256: '00'.repeat(32) }));
}

test('the bytes of a manifest follow from what it says', () => {
  const bytes = encodeManifest(MANIFEST_CONTENT, Buffer.alloc(32, 7));
  expect(String(manifestBytes(JSON.parse(String(bytes)) as Manifest))).toBe(String(bytes));
});
