import { expect, test } from 'vitest';
import { tidyStore } from '../../core/upkeep/prune.ts';
import type { Log } from '../../core/lib/log/log.ts';
import { createDirectoryStore } from '../../core/store/directory/directory.ts';
import { folder } from '../support/files.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-23T03:00:00Z');

/** A folder store with a backup that expired long ago, and runs that began so many days before NOW. */
async function storeWithRuns(...days: readonly number[]) {
  const store = createDirectoryStore(folder());
  const expires = new Date('2020-01-01T00:00:00Z');
  const idAt = (time: number): string =>
    `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-1a2b3c4d`;
  const expired = `databases/shop/${idAt(NOW.getTime() - 400 * DAY)}/manifest.json`;
  await store.create(expired, Buffer.from('{}'), { expires });
  for (const day of days)
    await store.create(
      `runs/shop/${idAt(NOW.getTime() - day * DAY)}-0a0b0c0d/ended.json`,
      Buffer.from('{}'),
    );
  const warnings: string[] = [];
  const log: Log = (_severity, message) => void warnings.push(message);
  await tidyStore({ now: () => NOW, log }, store);
  return { isDeleted: (await store.stat(expired)) === undefined, warnings };
}

test.each([
  ['the last run was yesterday', [60, 35, 10, 1]],
  ['nothing was written for less than a month', [60, 35, 29]],
  ['nothing was written for a year, as always', [1095, 730, 365]],
  ['nothing was written for a week', [10, 9, 8, 7]],
  ['the store is in use again for more than a week', [45, 8, 2]],
  ['a run has a time in the future', [35, 10, 1, -400]],
])('deletes what has expired when %s', async (_, days) => {
  expect(await storeWithRuns(...days)).toEqual({ isDeleted: true, warnings: [] });
});

test.each([
  ['this run is the first in more than a month', [33, 32, 31], '23 Oct 2026, 03:00 UTC', 23],
  ['this run is the first in eight days', [10, 9, 8], '15 Nov 2026, 03:00 UTC', 23],
  ['the store is in use again for a few days', [45, 2, 1], '9 Oct 2026, 03:00 UTC', 21],
])('deletes nothing when %s, because the clock may have jumped', async (_, days, from, to) => {
  const { isDeleted, warnings } = await storeWithRuns(...days);
  expect(isDeleted).toBe(false);
  expect(warnings).toEqual([
    expect.stringMatching(
      new RegExp(
        `nothing was written there from ${from} to ${to} Nov 2026, 03:00 UTC, so the clock`,
      ),
    ),
  ]);
});

test('deletes nothing that the clock of the store keeps, and says so', async () => {
  const store = createDirectoryStore(folder());
  const nameAt = (days: number): string =>
    `${new Date(Date.now() + days * DAY).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-1a2b3c4d`;
  const key = `databases/shop/${nameAt(0)}/manifest.json`;
  await store.create(key, Buffer.from('{}'), { expires: new Date(Date.now() + DAY) });
  const warnings: string[] = [];
  const log: Log = (_severity, message) => void warnings.push(message);
  // The clock of this machine is ahead by five days, as it was at the last run.
  await store.create(`runs/shop/${nameAt(4)}-0a0b0c0d/ended.json`, Buffer.from('{}'));
  await tidyStore({ now: () => new Date(Date.now() + 5 * DAY), log }, store);
  expect(await store.stat(key)).toBeDefined();
  expect(warnings.join()).toMatch(/^1 expired object was not deleted: by the clock of/);
});
