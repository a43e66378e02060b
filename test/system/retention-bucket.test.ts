import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { verified } from '../../core/catalog/chain.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';
import { DATABASE, DAY, faultsOf, simulateBackup } from '../support/simulated-backup.ts';

const SETTINGS = {
  retention: { daily: 3, weekly: 2, monthly: 1, yearly: 0 },
  timeZone: 'Europe/Berlin',
};

describe('weeks over a bucket with the real store and the bucket’s own rule', () => {
  test(
    'daily backups, a schedule that stops for three months, and a database that is retired',
    { timeout: 240_000 },
    async () => {
      const server = await gcsServer();
      const bucket = server.bucket(BUCKET);
      const store = gcsStore(server.as('backup'), { tuning: {} });
      const at = (day: number): Date => new Date(Date.UTC(2026, 9, 12, 2) + day * DAY);
      let day = 0;
      const now = (): Date => at(day);
      const catalog = createCatalog(store, { olderKeys: [] }, now);
      const listed = async (): Promise<string[]> =>
        verified((await catalog.list(DATABASE)).manifests).map(({ id }) => id);
      /** The bucket's rule runs in the afternoon, and whatever is listed then is whole. */
      const afternoon = async (): Promise<void> => {
        server.clock = new Date(now().getTime() + DAY / 2);
        await bucket.applyLifecycle();
        expect(await faultsOf(catalog), `day ${day}`).toEqual([]);
      };
      const made: { id: string; day: number }[] = [];
      const daily = async (until: number): Promise<void> => {
        for (; day < until; day += 1) {
          server.clock = now();
          const id = await simulateBackup({ store, now, attempt: `a${day}`, catalog }, SETTINGS, {
            key: `${day}`,
            requestedAt: now(),
          });
          made.push({ id, day });
          await afternoon();
          const ids = await listed();
          for (const each of made.filter((one) => one.day > day - SETTINGS.retention.daily))
            expect(ids, `day ${day}`).toContain(each.id);
        }
      };

      // Over the end of summer time, and the first of a month.
      await daily(24);
      // Three days, two Mondays and what their week's increments need, October's first and the held ones.
      expect((await listed()).length).toBeLessThanOrEqual(14);
      expect(bucket.objects.size).toBeLessThanOrEqual(3 * 14);
      expect(await listed()).toContain(made.find((each) => each.day === 14)?.id);
      expect(await listed()).toContain(made.find((each) => each.day === 0)?.id);

      const [second, newest] = (await listed()).slice(-2);
      for (; day < 120; day += 4) await afternoon();
      expect((await listed()).slice(-2)).toEqual([second, newest]);
      // Only the newest two and what they need is left.
      expect((await listed()).length).toBeLessThanOrEqual(5);

      await daily(day + 5);
      expect(await listed()).not.toContain(second);

      await catalog.retire(DATABASE, SETTINGS.retention.daily);
      await afternoon();
      expect(await listed()).toContain(made.at(-1)?.id);
      day += 45;
      await afternoon();
      expect([...bucket.objects.keys()]).toEqual([]);
    },
  );
});
