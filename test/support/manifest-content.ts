import type { Content } from '../../core/format/manifest.ts';

/** What the manifest of an increment says. */
export const MANIFEST_CONTENT: Content = {
  lifeboat: 1,
  id: '20261123T030000Z-1a2b3c4d',
  database: 'shop',
  kind: 'incremental',
  salvage: false,
  parent: '20261122T030000Z-00000000',
  base: '20261122T030000Z-00000000',
  depth: 1,
  requestedAt: '2026-11-23T03:00:00.000Z',
  takenAt: '2026-11-23T03:00:01.000Z',
  reason: 'schedule',
  slots: ['daily'],
  source: 'file:/srv/shop.db',
  sourceVersion: null,
  pageSize: 4096,
  pageCount: 10,
  size: 40_960,
  sha256: 'ab'.repeat(32),
  pages: [
    [1, 2],
    [9, 2],
  ],
  objects: [
    {
      role: 'data',
      key: 'databases/shop/20261123T030000Z-1a2b3c4d/0011/pages.zst',
      size: 5,
      crc32c: '00000000',
      sha256: 'cd'.repeat(32),
    },
  ],
  encryption: null,
  chain: { salt: 'ef'.repeat(16), keyed: false },
  inspection: {
    verdict: 'ok',
    checks: [],
    engines: [],
    tables: { orders: 3, '10': 1, '9': 1, ünï: 0, ['__proto__']: 2 },
    schema: null,
    migrations: [],
  },
  expires: '2026-12-07T03:00:01.000Z',
  tool: 'lifeboat 0.1.0',
};
