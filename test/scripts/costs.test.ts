import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptAfter } from '../../scripts/costs/keep.ts';
import { ASSUMED, costsOf } from '../../scripts/costs/model.ts';
import { withCosts } from '../../scripts/costs/page.ts';
import { PRICES } from '../../scripts/costs/prices.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { BUCKET, gcsServer, gcsStore } from '../support/gcs.ts';

const WRITES = new Set(['insert', 'session', 'list', 'patch', 'compose']);
const READS = new Set(['get', 'download', 'bucket']);

describe('the costs', () => {
  test('docs/costs.md contains the table of the script', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/costs.md'), 'utf8');
    expect(withCosts(page)).toBe(page);
  });

  test('the number of kept backups follows the retention and does not grow over the years', () => {
    const only = (days: number) => keptAfter(1, { daily: days, weekly: 0, monthly: 0, yearly: 0 });
    // Without longer slots there is one chain, whose base is kept as long as its increments.
    expect(only(14)).toMatchObject({ full: 1 });
    const { retention } = ASSUMED;
    const [four, eight] = [keptAfter(4, retention), keptAfter(8, retention)];
    const wanted = retention.weekly + retention.monthly + retention.yearly;
    expect(four.full).toBeGreaterThan(wanted - 6);
    expect(four.full).toBeLessThanOrEqual(wanted + 3);
    expect(Math.abs(eight.full - four.full)).toBeLessThan(4);
  });

  test('grow with the number of databases, and free tiers cost nothing', () => {
    const kept = keptAfter(1, ASSUMED.retention);
    const [one, many] = [costsOf(1, kept), costsOf(1000, kept)];
    expect(one.functions).toBe(0);
    expect(one.schedules).toBe(0);
    expect(many.schedules).toBeCloseTo((1000 + ASSUMED.jobs - 3) * PRICES.job, 6);
    expect(many.storage).toBeCloseTo(1000 * one.storage, 6);
    expect(many.alarms).toBe(one.alarms);
  });

  test('a run makes no more requests than the model assumes, however many backups exist', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      `store: gs://${BUCKET}\ndatabases: { shop: { source: shop.db, schedule: "0 3 * * *" } }\n`,
    );
    sql(join(cwd, 'shop.db'), 'create table t (id integer primary key, v blob)');
    const server = await gcsServer();
    const seen: string[] = [];
    server.faults = ({ kind }) => void seen.push(kind);
    // Each run is in a new instance, without the caches of the last one. The timeouts are those of
    // production, because a retry would count.
    const open = () =>
      testApp({
        cwd,
        configuredOnly: true,
        overrides: { store: gcsStore(server.url, { tuning: {} }) },
      });
    const count = (): { a: number; b: number } => {
      const kinds = seen.splice(0);
      return {
        a: kinds.filter((kind) => WRITES.has(kind)).length,
        b: kinds.filter((kind) => READS.has(kind)).length,
      };
    };
    // A week's chain: the last backup moves the expiry of the most ancestors.
    let last = { a: 0, b: 0 };
    for (let day = 0; day < 7; day += 1) {
      sql(join(cwd, 'shop.db'), 'insert into t (v) values (randomblob(100))');
      await (await open()).backup('shop', BACKUP);
      last = count();
    }
    expect(last.a).toBeLessThanOrEqual(ASSUMED.requests.backup.a);
    expect(last.b).toBeLessThanOrEqual(ASSUMED.requests.backup.b);
    expect(last.a).toBeGreaterThan(10);
    await (await open()).watch();
    const watched = count();
    expect(watched.a).toBeLessThanOrEqual(ASSUMED.requests.watch.a);
    expect(watched.b).toBeLessThanOrEqual(ASSUMED.requests.watch.b);
    await (await open()).restoreTest('shop', {});
    const tested = count();
    expect(tested.a).toBeLessThanOrEqual(ASSUMED.requests.restoreTest.a);
    expect(tested.b).toBeLessThanOrEqual(ASSUMED.requests.restoreTest.b);
  });
});
