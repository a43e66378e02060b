import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import type { Engine } from '../../core/sqlite/engine.ts';
import { errorText } from '../../core/sqlite/judge/findings.ts';
import { inspect } from '../../core/sqlite/inspect.ts';
import { checkIntegrity } from '../../core/sqlite/judge/integrity.ts';
import { checkTables } from '../../core/sqlite/judge/table-checks.ts';
import { openForJudging } from '../../core/sqlite/untrusted.ts';
import { BACKUP, testApp } from '../support/app.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { INSPECT_OPTIONS } from '../support/inspect-options.ts';

const damaged = join(import.meta.dirname, '..', 'corpora', 'damaged');

/** The result of the full check, or the message of a file that cannot be opened. */
async function resultOf(path: string, isMapped: boolean, isSplit: boolean): Promise<string> {
  const reading = { path, isMapped, cacheKiB: 2048 };
  try {
    using db = openForJudging(path, reading);
    const engine: Engine = {
      name: 'node:sqlite',
      version: '',
      all: (statement) => db.prepare(statement).all(),
      count: () => 0,
      checkTables: isSplit ? (tables) => checkTables(tables, reading) : undefined,
    };
    return (await checkIntegrity(engine, 'full')).result;
  } catch (error) {
    return errorText(error);
  }
}

describe('damaged databases of the SQLite project', () => {
  const images = readdirSync(damaged);

  test('get the same result from a memory map, and from threads that check one table each', async () => {
    expect(images).toHaveLength(195);
    const results = new Set<string>();
    for (const image of images) {
      const path = join(damaged, image);
      const plain = await resultOf(path, false, false);
      results.add(plain);
      expect(await resultOf(path, true, false), `${image}, mapped`).toBe(plain);
      expect(await resultOf(path, false, true), `${image}, by table`).toBe(plain);
      expect(await resultOf(path, true, true), `${image}, by table and mapped`).toBe(plain);
    }
    expect([...results]).toEqual(expect.arrayContaining(['ok', 'failed']));
  });
});

test('two large tables are checked by two threads within the memory limit of the judge', async () => {
  const path = join(folder(), 'two.db');
  const rows = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 40000)';
  sql(
    path,
    `create table a (id integer primary key, x text); create table b (id integer primary key, x text);
     create index a_x on a(x); create index b_x on b(x);
     ${rows} insert into a select i, hex(randomblob(100)) from n; insert into b select * from a`,
  );
  const sound = await inspect(path, { ...INSPECT_OPTIONS, sandboxLimit: 0 });
  expect(sound.checks).toContainEqual({
    name: 'integrity',
    result: 'ok',
    engine: 'node:sqlite',
    detail: 'integrity_check',
  });
  sql(
    path,
    "pragma writable_schema = on; update sqlite_schema set sql = 'create index b_x on b(id)' where name = 'b_x'",
  );
  expect((await inspect(path, { ...INSPECT_OPTIONS, sandboxLimit: 0 })).verdict).toBe('failed');
});

test('a source that is read in place is never mapped into memory', async () => {
  const cwd = folder();
  const source = join(cwd, 'shop.db');
  createShop(source, 40 * 2 ** 20);
  const database = { source, inspection: { integrity: 'full', sandboxLimit: '0B' } };
  // JSON is YAML.
  writeFileSync(join(cwd, 'lifeboat.yaml'), JSON.stringify({ databases: { shop: database } }));
  await sleep(3500);
  const app = await testApp({ cwd });
  const running = app.backup('shop', BACKUP);
  const over = running.then(
    () => true,
    () => true,
  );
  let [judges, isMapped] = [0, false];
  for (let isOver = false; !isOver; isOver = await Promise.race([over, sleep(50, false)])) {
    const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const files = processes.map(filesOf);
    isMapped ||= files.some(({ mapped }) => mapped.includes(source));
    judges += files.filter(({ open }) => open.includes(source)).length;
  }
  expect((await running).verdict).toBe('ok');
  expect(judges).toBeGreaterThan(0);
  expect(isMapped).toBe(false);
});

/** The files that another process has mapped, and those that it has open. */
function filesOf(pid: string): { mapped: string; open: string[] } {
  try {
    const descriptors = readdirSync(`/proc/${pid}/fd`);
    if (pid === String(process.pid)) return { mapped: '', open: [] };
    return {
      mapped: readFileSync(`/proc/${pid}/maps`, 'utf8'),
      open: descriptors.map((name) => readlinkSync(`/proc/${pid}/fd/${name}`)),
    };
  } catch {
    return { mapped: '', open: [] };
  }
}
