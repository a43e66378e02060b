import { expect, test } from 'vitest';
import { checkTimes } from '../../core/setup/doctor/times.ts';
import { createMemoryStore } from '../fakes/memory-store.ts';

test('the doctor reports backups from the future, and nothing about others', async () => {
  const store = createMemoryStore();
  const ids = [
    '20261123T030000Z-00000000',
    '20271123T030000Z-00000000',
    '99999999T999999Z-00000000',
  ];
  for (const id of ids) await store.create(`databases/shop/${id}/manifest.json`, Buffer.from('{}'));
  const findings = await checkTimes(store, ['shop', 'blog'], new Date('2026-11-23T03:00:00Z'));
  expect(findings).toMatchObject([
    {
      check: 'clock',
      about: 'shop',
      level: 'fault',
      detail: expect.stringContaining(ids[1] ?? ''),
    },
  ]);
});
