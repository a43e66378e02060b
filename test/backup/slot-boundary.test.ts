import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Manifest } from '../../core/format/manifest.ts';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { datedSource } from '../support/dated-source.ts';
import { folder } from '../support/files.ts';

/** Backups whose run starts at one time and whose snapshot is taken at a later one. */
const world = async () => {
  const cwd = folder();
  writeFileSync(`${cwd}/lifeboat.yaml`, 'databases: { notes: { source: notes.db } }\n');
  const store = createMemoryStore();
  const clock = { now: new Date(0), takenAt: new Date(0) };
  const app = await testApp({
    cwd,
    overrides: {
      store,
      now: () => clock.now,
      // The pull takes until the moment of the snapshot.
      openSource: datedSource(() => (clock.now = clock.takenAt)),
    },
  });
  sql(app.at('notes.db'), SMALL);
  let count = 0;
  return async (start: string, takenAt: string, kind: 'auto' | 'incremental' = 'auto') => {
    Object.assign(clock, { now: new Date(start), takenAt: new Date(takenAt) });
    sql(app.at('notes.db'), `update notes set body = 'change ${(count += 1)}' where id = 1`);
    const { id } = await app.backup('notes', { ...BACKUP, kind });
    const bytes = await collect(store.read(`databases/notes/${id}/manifest.json`));
    const manifest = JSON.parse(bytes.toString('utf8')) as Manifest;
    return [manifest.kind, manifest.slots.join(' ')];
  };
};

test('a backup that starts before a week ends and is taken after it is full, and takes the slot', async () => {
  const backup = await world();
  const first = ['full', 'daily weekly monthly yearly'];
  expect(await backup('2026-11-23T03:00:00Z', '2026-11-23T03:01:00Z')).toEqual(first);
  expect(await backup('2026-11-24T03:00:00Z', '2026-11-24T03:01:00Z')).toEqual([
    'incremental',
    'daily',
  ]);
  expect(await backup('2026-11-29T23:59:00Z', '2026-11-30T00:01:00Z')).toEqual([
    'full',
    'daily weekly',
  ]);
  expect(await backup('2026-11-30T03:00:00Z', '2026-11-30T03:01:00Z')).toEqual([
    'incremental',
    'daily',
  ]);
});

test('only an incremental backup that was asked for takes a slot', async () => {
  const backup = await world();
  await backup('2026-11-23T03:00:00Z', '2026-11-23T03:01:00Z');
  expect(await backup('2026-11-29T23:59:00Z', '2026-11-30T00:01:00Z', 'incremental')).toEqual([
    'incremental',
    'daily weekly',
  ]);
});
