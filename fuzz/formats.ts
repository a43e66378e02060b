import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseConfig } from '../core/config/load.ts';
import { compressNow, decompressNow } from '../core/format/codec.ts';
import { decompressFrames, type Codec } from '../core/format/frames.ts';
import { parseKeys } from '../core/format/keys.ts';
import { decodeManifest } from '../core/format/manifest.ts';
import { mergeLayers } from '../core/format/merge.ts';
import { LifeboatError } from '../core/lib/errors.ts';
import { readMessage, readOrder } from '../core/messages/messages.ts';
import { headerFault, readHeader } from '../core/sqlite/header.ts';
import { readStored } from '../core/state/stored.ts';
import { createMemoryStore } from '../test/fakes/memory-store.ts';
import { identityOf, keyOf } from '../test/support/known-identity.ts';
import type { Target } from './target.ts';

const root = join(import.meta.dirname, '..');

async function filesBelow(folder: string, name: RegExp): Promise<Buffer[]> {
  const names = await readdir(join(root, folder), { recursive: true });
  return Promise.all(
    names
      .filter((each) => name.test(each))
      .sort()
      .map((each) => readFile(join(root, folder, each))),
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Without threads, which would hide where an error comes from and cost more than the case. */
const codec: Codec = {
  allocate: () => Buffer.alloc(1 << 20),
  compress: async (chunk) => compressNow(chunk),
  decompress: async (frame) => decompressNow(frame),
  release: () => undefined,
};

const manifests: Target = {
  name: 'manifests',
  weight: 30,
  mostMs: 2000,
  inputs: () => filesBelow('test/vectors', /manifest\.json$/),
  read: (input) => {
    const id = /"id": ?"([^"]*)"/.exec(Buffer.from(input).toString('utf8'))?.[1] ?? '';
    return decodeManifest(input, 'shop', id);
  },
};

const frames: Target = {
  name: 'frames',
  weight: 15,
  mostMs: 2000,
  inputs: async () => [
    Buffer.concat([compressNow(Buffer.alloc(5000, 'ab')), compressNow(Buffer.from('the end'))]),
    compressNow(Buffer.alloc(1 << 20)),
    Buffer.alloc(0),
  ],
  read: async (input) => {
    let size = 0;
    for await (const chunk of decompressFrames(once(input), codec, { ahead: 1 }))
      size += chunk.length;
    return size;
  },
};

const layer = z.object({
  runs: z.array(z.tuple([z.int().positive(), z.int().positive()])).max(50),
  size: z.int().min(0).max(100_000),
});
const chain = z.object({
  pageSize: z.int().min(1).max(65_536),
  pageCount: z.int().min(0).max(100_000),
  layers: z.array(layer).max(10),
});

/** What the manifest's own rules let through, and data that is longer or shorter than it says. */
const increments: Target = {
  name: 'increments',
  weight: 20,
  mostMs: 2000,
  inputs: async () =>
    [
      {
        pageSize: 512,
        pageCount: 4,
        layers: [
          { runs: [[1, 4]], size: 2048 },
          { runs: [[2, 1]], size: 512 },
        ],
      },
      {
        pageSize: 16,
        pageCount: 100,
        layers: [
          { runs: [[1, 100]], size: 1600 },
          {
            runs: [
              [3, 2],
              [50, 51],
            ],
            size: 848,
          },
          { runs: [[100, 1]], size: 16 },
        ],
      },
    ].map((each) => Buffer.from(JSON.stringify(each))),
  read: async (input) => {
    const parsed = chain.safeParse(jsonOf(input));
    if (!parsed.success) return undefined;
    const { layers, ...shape } = parsed.data;
    if (shape.pageSize * shape.pageCount > 4 << 20) return undefined;
    let size = 0;
    const bodies = layers.map(({ runs, size: length }) => ({
      runs,
      body: once(Buffer.alloc(length)),
    }));
    for await (const piece of mergeLayers(bodies, shape, (_, error) => error)) size += piece.length;
    if (size !== shape.pageSize * shape.pageCount)
      throw new Error(`merged ${size} bytes of ${shape.pageCount} pages of ${shape.pageSize}`);
    return size;
  },
};

function jsonOf(input: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(input).toString('utf8'));
  } catch {
    return undefined;
  }
}

const configurations: Target = {
  name: 'configurations',
  weight: 4,
  mostMs: 5000,
  inputs: async () => [
    Buffer.from(`store: gs://acme-backups
databases:
  shop:
    source: ssh://backup@10.0.0.5/srv/shop/db.sqlite3
    ssh: { hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }
    schedule: "0 3 * * *"
    timeZone: America/Sao_Paulo
    full: { every: 7d }
    retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 }
    assertions: [{ name: has users, sql: select count(*) > 0 from auth_user }]
    guard: { shrink: 50% }
watch: { schedule: "15 * * * *", grace: 2h }
notify: { email: { to: [ops@example.com], from: backups@example.com }, slack: {} }
`),
    Buffer.from('{"store": "./backups", "databases": {"a": {"source": "./a.db"}}}'),
  ],
  read: (input) => parseConfig(Buffer.from(input).toString('utf8'), '/srv'),
};

const messages: Target = {
  name: 'messages and requests',
  weight: 20,
  mostMs: 1000,
  inputs: async () =>
    [
      { database: 'shop', reason: 'schedule', kind: 'auto' },
      { database: '*' },
      { database: 'shop', accept: true, expectMigrations: ['shop.0042_add_index'] },
    ].map((each) => Buffer.from(JSON.stringify(each))),
  read: (input) => {
    const errors = [readMessage, readOrder].map((read) => {
      try {
        read(input);
        return undefined;
      } catch (error) {
        return error;
      }
    });
    const unexpected = errors.find(
      (error) => error !== undefined && !(error instanceof LifeboatError),
    );
    if (unexpected !== undefined) throw unexpected;
  },
};

const headers: Target = {
  name: 'database headers',
  weight: 20,
  mostMs: 1000,
  inputs: async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(':memory:');
    db.close();
    const valid = Buffer.alloc(100);
    valid.write('SQLite format 3\0', 'latin1');
    valid.writeUInt16BE(4096, 16);
    valid.set([1, 1, 0, 64, 32, 32], 18);
    valid.writeUInt32BE(1, 28);
    return [valid, Buffer.alloc(0), valid.subarray(0, 99)];
  },
  read: (input) => {
    headerFault(input, input.length);
    if (input.length >= 100) readHeader(input);
  },
};

const states: Target = {
  name: 'state objects',
  weight: 10,
  mostMs: 1000,
  inputs: async () =>
    [
      {
        version: 1,
        runs: [{ run: 'x', operation: 'backup', startedAt: '2026-11-23T03:00:00.000Z' }],
      },
      { version: 1, summary: { at: '2026-11-23T03:00:00.000Z' }, told: {} },
    ].map((each) => Buffer.from(JSON.stringify(each))),
  read: async (input) => {
    const store = createMemoryStore();
    await store.create('state/shop.json', input);
    return readStored(store, 'shop');
  },
};

const keys: Target = {
  name: 'keys',
  weight: 10,
  mostMs: 1000,
  inputs: async () => [Buffer.from(`${identityOf('fuzz')}\n${keyOf('fuzz')}`)],
  read: (input) => {
    const [identity, key] = Buffer.from(input).toString('utf8').split('\n');
    return parseKeys(identity, key);
  },
};

/** Everything that is read without a child process. */
export const FORMATS: readonly Target[] = [
  manifests,
  frames,
  increments,
  configurations,
  messages,
  headers,
  states,
  keys,
];
