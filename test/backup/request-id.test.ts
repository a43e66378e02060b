import { describe, expect, test } from 'vitest';
import { idOf } from '../../core/backup/plan.ts';
import type { Listing } from '../../core/catalog/listing.ts';
import { manifestKey, type Manifest } from '../../core/format/manifest.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { StoredObject } from '../../core/store/store.ts';

const REQUEST = { requestedAt: new Date('2026-11-23T03:00:00Z'), key: 'a deploy' };

/** A listing with an object for each id; of those in `manifests` the catalog has the manifest. */
const listing = (ids: readonly string[], manifests: readonly object[] = []): Listing => ({
  manifests: manifests as Manifest[],
  damaged: [],
  objects: new Map(ids.map((id) => [manifestKey('shop', id), {} as StoredObject])),
  damage: new Map(),
  at: new Date('2026-11-28T03:00:00Z'),
});

describe('the id of a requested backup', () => {
  const first = idOf(listing([]), 'shop', REQUEST);

  test('is that of its time and key, whether the backup exists or not', () => {
    expect(first).toMatch(/^20261123T030000Z-[0-9a-f]{8}$/);
    expect(idOf(listing([first], [{ id: first, salvage: false }]), 'shop', REQUEST)).toBe(first);
  });

  test('is that of a damaged manifest, whose error the request then meets', () => {
    const error = new LifeboatError('backup_damaged', 'it is damaged', 'Look.');
    const damaged = { ...listing([first]), damaged: [{ id: first, error }] };
    expect(idOf(damaged, 'shop', REQUEST)).toBe(first);
  });

  test('is another one, and always the same, where a salvage copy or an expired backup has it', () => {
    const salvage = listing([first], [{ id: first, salvage: true }]);
    const second = idOf(salvage, 'shop', REQUEST);
    expect(second).not.toBe(first);
    expect(idOf(listing([first]), 'shop', REQUEST)).toBe(second);
    const third = idOf(listing([first, second]), 'shop', REQUEST);
    expect([first, second]).not.toContain(third);
  });
});
