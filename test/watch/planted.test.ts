import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeManifest, manifestKey, type Manifest } from '../../core/format/manifest.ts';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import type { Store } from '../../core/store/store.ts';
import { BACKUP } from '../support/app.ts';
import { keyOf } from '../support/known-identity.ts';
import { alarms, watchWorld } from '../support/watch-world.ts';

const KEY = { LIFEBOAT_KEY: keyOf('planted') };

/** A store whose newest backup is late, and into which an attacker may write. */
async function attackedStore() {
  const world = await watchWorld();
  const { id } = await (await world.open({}, KEY)).backup('shop', BACKUP);
  const store = createDirectoryStore(join(world.cwd, 'backups'));
  const watch = async (env: Record<string, string>) =>
    alarms(await (await world.open({ overrides: world.later }, env)).watch());
  return { ...world, store, watch, plant: () => plantNewest(store, id, world.later.now()) };
}

/** A complete copy of a backup under the present time, whose manifest has a digest but no HMAC. */
async function plantNewest(store: Store, id: string, at: Date): Promise<void> {
  const bytes = await collect(store.read(manifestKey('shop', id)));
  const { digest: _, hmac: __, ...content } = JSON.parse(bytes.toString()) as Manifest;
  const planted = `${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-bbbbbbbb`;
  const objects = content.objects.map((each) => ({
    ...each,
    key: each.key.replace(id, planted),
  }));
  for (const [n, { key }] of objects.entries()) {
    await store.create(key, await collect(store.read(content.objects[n]?.key ?? '')));
    await store.hold(key, true);
  }
  const takenAt = at.toISOString();
  const forged = { ...content, id: planted, objects, takenAt, requestedAt: takenAt };
  await store.create(manifestKey('shop', planted), encodeManifest(forged));
  await store.hold(manifestKey('shop', planted), true);
}

/** Claims that all is well, and that a backup is running, without the right to write backups. */
async function forgeRecords(store: Store, at: Date): Promise<void> {
  const bytes = await collect(store.read('state/shop.json'));
  const { generation } = (await store.stat('state/shop.json')) ?? {};
  const lastRestoreTest = {
    at: at.toISOString(),
    ok: true,
    id: null,
    durationMs: 1,
    problem: null,
  };
  const state = { ...(JSON.parse(bytes.toString()) as object), lastRestoreTest };
  await store.replace('state/shop.json', Buffer.from(JSON.stringify(state)), generation);
  await forgeRun(store, at);
}

/** The start of a backup that has as much time as a number can say. */
async function forgeRun(store: Store, startedAt: Date): Promise<void> {
  const run = `${startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-00000000-00000000`;
  const start = { run, operation: 'backup', startedAt: startedAt.toISOString(), deadlineMs: 9e15 };
  await store.create(`runs/shop/${run}/started.json`, Buffer.from(JSON.stringify(start)));
}

describe('a planted backup', () => {
  test('hides nothing from a watch with the key, which does not ping', async () => {
    const { watch, plant, pings } = await attackedStore();
    expect(await watch(KEY)).toEqual(['shop late late']);
    await plant();
    expect(await watch(KEY)).toEqual(['shop late late', 'shop objects manifest']);
    expect(pings.received).toEqual([]);
  });

  test('leaves the alarm of a watch without the key, which does not ping', async () => {
    const { watch, plant, pings, notifications } = await attackedStore();
    expect(await watch({})).toEqual(['shop late late', 'shop key missing']);
    await plant();
    expect(await watch({})).toEqual(['shop key missing']);
    expect(pings.received).toEqual([]);
    expect(notifications()).toContainEqual(
      expect.objectContaining({
        kind: 'watch-alarm',
        fault: expect.objectContaining({ step: 'key', code: 'key_missing' }),
      }),
    );
  });

  test('is accepted by a watch that gave up the key on purpose, and only then', async () => {
    const world = await watchWorld(['shop']);
    const path = join(world.cwd, 'lifeboat.yaml');
    await (await world.open({}, KEY)).backup('shop', BACKUP);
    writeFileSync(path, readFileSync(path, 'utf8').replace('watch: {', 'watch: { key: off,'));
    expect(alarms(await (await world.open()).watch())).toEqual([]);
    expect(world.pings.received).toHaveLength(1);
    const other = { LIFEBOAT_KEY: keyOf('another') };
    expect(alarms(await (await world.open({}, other)).watch())).toEqual([
      'shop missing missing',
      'shop objects manifest',
    ]);
  });

  test('is not the business of a store without authenticated backups', async () => {
    const { open, pings } = await watchWorld();
    await (await open()).backup('shop', BACKUP);
    expect(alarms(await (await open()).watch())).toEqual([]);
    expect(pings.received).toHaveLength(1);
  });
});

describe('forged records below state/ and runs/', () => {
  test('stop neither the log of an alarm nor the silence of the ping', async () => {
    const { watch, store, later, pings, lines } = await attackedStore();
    await forgeRecords(store, later.now());
    lines.length = 0;
    expect(await watch(KEY)).toEqual(['shop late late']);
    expect(lines.filter(({ severity }) => severity === 'ERROR')).toMatchObject([
      { event: 'watch', database: 'shop', check: 'late' },
    ]);
    expect(pings.received).toEqual([]);
  });

  test('of a backup that runs for days, or from the future, do not stop the check of holds', async () => {
    const { open, store } = await attackedStore();
    for (const day of ['2026-01-01', '2099-01-01']) await forgeRun(store, new Date(day));
    for await (const { key } of store.list('databases/shop/')) await store.hold(key, false);
    expect(alarms(await (await open({}, KEY)).watch())).toContain('shop holds missing');
  });
});
