import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { putObject } from '../../core/catalog/objects.ts';
import type { Context } from '../../core/context.ts';
import { compressNow } from '../../core/format/codec.ts';
import { FRAME_SIZE } from '../../core/format/frames.ts';
import type { Manifest } from '../../core/format/manifest.ts';
import { countPages, fingerprints, type PageRun } from '../../core/format/pages.ts';
import { once } from '../../core/lib/bytes/bytes.ts';
import { provePages } from '../../core/upkeep/page-proof.ts';
import { printFrame } from '../../core/upkeep/print-frame.ts';
import { createPrintCrew, storedPrints } from '../../core/upkeep/stored-prints.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

const PAGE = 512;
const PAGES = (6 * FRAME_SIZE) / PAGE;
const SALT = randomBytes(16);
const crew = createPrintCrew();
afterAll(() => crew[Symbol.asyncDispose]());

test('a lack of memory is not a damaged frame', async () => {
  const frame = compressNow(Buffer.alloc(PAGE));
  const fingerprinting = { salt: SALT, pageSize: PAGE, key: undefined, numbered: false };
  // No machine has so much.
  expect(printFrame(frame, { size: 2 ** 50, runs: [[1, 1]], fingerprinting })).toBe(null);
  const poor = { ...crew, run: async () => null };
  const prints = storedPrints(poor, once(frame), { runs: [[1, 1]], fingerprinting });
  await expect(prints.next()).rejects.toMatchObject({ code: 'insufficient_space' });
});

describe('the pages of a backup', () => {
  test('are proven by its fingerprints, and those of an increment by its parent as well', async () => {
    const { prove, base, child } = await makeChain();
    expect(await prove(base)).toBe(true);
    expect(await prove(child, base)).toBe(true);
  });

  test.each<[string, true | undefined]>([
    ['with numbers', true],
    ['of an older version', undefined],
  ])('are proven with the key of the fingerprints only, %s', async (_, numbered) => {
    const key = randomBytes(32);
    const { prove, base, child } = await makeChain({ key, numbered });
    expect(await prove(child, base, key)).toBe(true);
    expect(await prove(child, base, randomBytes(32))).toBe(false);
    expect(await prove(child, base)).toBe(false);
  });

  test('are read once, and so is each fingerprint', async () => {
    const { prove, base, child, reads } = await makeChain();
    await prove(child, base);
    expect(reads.sort()).toEqual(['base/fingerprints', 'child/data', 'child/fingerprints']);
  });

  test.each<[string, Partial<Change>]>([
    ['a stored page differs from its fingerprint', { storedPage: 3 }],
    ['an unchanged page has another fingerprint in the parent', { unchangedPage: 4000 }],
    ['the last page has another fingerprint in the parent', { unchangedPage: PAGES }],
    ['the parent has another salt', { salt: randomBytes(16) }],
    ['the parent has no page at the end, and the backup does not store it', { parentPages: 9000 }],
    ['there are no fingerprints', { withoutPrints: true }],
    ['the data has another SHA-256', { sha256: 'ab'.repeat(32) }],
  ])('are not proven when %s', async (_, change) => {
    const { prove, base, child } = await makeChain(change);
    expect(await prove(child, base)).toBe(false);
  });

  test('are not proven when the fingerprints of the parent are of another kind', async () => {
    const key = randomBytes(32);
    const { prove, base, child } = await makeChain({ key, numbered: true });
    const older = { ...base, chain: { salt: base.chain.salt, keyed: true } };
    expect(await prove(child, older, key)).toBe(false);
  });

  test('are not proven without the parent', async () => {
    const { prove, child } = await makeChain();
    expect(await prove(child)).toBe(false);
  });
});

type Change = {
  readonly storedPage: number;
  readonly unchangedPage: number;
  readonly parentPages: number;
  readonly salt: Buffer;
  readonly withoutPrints: boolean;
  readonly sha256: string;
  readonly key: Buffer;
  readonly numbered: true | undefined;
};

/** A full backup and an increment, in which something is not as it should be. */
async function makeChain(change: Partial<Change> = {}) {
  const memory = createMemoryStore();
  const reads: string[] = [];
  const store = {
    ...memory,
    read: (key: string) => {
      reads.push(key);
      return memory.read(key);
    },
  };
  const { key, numbered, salt = SALT, parentPages = PAGES } = change;
  const chain = { salt: SALT.toString('hex'), keyed: key !== undefined, numbered };
  const put = async (role: 'data' | 'fingerprints', name: string, bytes: Uint8Array) =>
    putObject(store, { role, key: name, expires: new Date() }, once(bytes));
  const manifest = async (
    name: string,
    runs: readonly PageRun[] | null,
    data: Buffer,
    prints: Buffer,
  ) => {
    const objects = [await put('data', `${name}/data`, framesOf(data))];
    objects.push(await put('fingerprints', `${name}/fingerprints`, prints));
    return {
      id: name,
      pages: runs,
      pageSize: PAGE,
      pageCount: prints.length / 16,
      parent: null,
      encryption: null,
      objects,
      chain,
    } as unknown as Manifest;
  };
  const before = randomBytes(PAGES * PAGE);
  const runs: PageRun[] = [
    [2, 10],
    [5000, 3000],
  ];
  const stored = randomBytes(countPages(runs) * PAGE);
  const after = Buffer.from(before);
  stored.copy(after, PAGE, 0, 10 * PAGE);
  stored.copy(after, 4999 * PAGE, 10 * PAGE);
  const how = { pageSize: PAGE, salt: SALT, key, numbered: numbered ?? false };
  const own = fingerprints(after, [[1, PAGES]], how);
  const inherited = fingerprints(before, [[1, parentPages]], how);
  if (change.storedPage !== undefined) flip(own, change.storedPage);
  if (change.unchangedPage !== undefined) flip(inherited, change.unchangedPage);
  const full = await manifest('base', null, before, inherited);
  const increment = await manifest('child', runs, stored, own);
  const base = { ...full, chain: { ...full.chain, salt: salt.toString('hex') } };
  const child = {
    ...increment,
    parent: 'base',
    objects: increment.objects
      .filter(({ role }) => change.withoutPrints !== true || role !== 'fingerprints')
      .map((each) =>
        each.role === 'data' && change.sha256 ? { ...each, sha256: change.sha256 } : each,
      ),
  };
  const prove = (of: Manifest, parent?: Manifest, proofKey?: Buffer) => {
    const context = { store, keys: { identities: [], key: proofKey, olderKeys: [] } };
    return provePages(context as unknown as Context, crew, {
      manifest: of,
      parent,
      onBytes: () => undefined,
      signal: undefined,
    });
  };
  return { prove, base, child, reads };
}

function flip(prints: Buffer, page: number): void {
  const at = (page - 1) * 16;
  prints.writeUInt8(prints.readUInt8(at) ^ 1, at);
}

function framesOf(data: Buffer): Buffer {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += FRAME_SIZE)
    frames.push(compressNow(data.subarray(at, at + FRAME_SIZE)));
  return Buffer.concat(frames);
}
