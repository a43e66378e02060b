import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApp } from '../../core/app/open.ts';
import { BACKUP } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const HOUR = 3_600_000;
const DUE = Date.parse('2026-11-28T03:00:00Z');
const after = (hours: number) => new Date(DUE + hours * HOUR);

/** A database whose last backup took five hours, and whose next one began at the due time. */
async function world() {
  const cwd = folder();
  sql(join(cwd, 'lake.db'), SMALL);
  const clock = { now: after(-23.9) };
  const config = 'databases: { lake: { source: lake.db, schedule: "0 3 * * *", run: job } }\n';
  writeFileSync(join(cwd, 'lifeboat.yaml'), config);
  const open = () =>
    openApp({ cwd, env: { TMPDIR: cwd }, overrides: { now: () => clock.now }, notify: false });
  await (await open()).backup('lake', { ...BACKUP, reason: 'schedule' });
  for (const path of globSync(join(cwd, 'backups/{state/lake.json,runs/lake/*/ended.json}'))) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/"durationMs":\d+/g, `"durationMs":${5 * HOUR}`));
  }
  const start = () => {
    const run = '20261128T030000Z-00000000-00000000';
    const record = { run, operation: 'backup', startedAt: after(0).toISOString() };
    mkdirSync(join(cwd, 'backups/runs/lake', run), { recursive: true });
    writeFileSync(join(cwd, 'backups/runs/lake', run, 'started.json'), JSON.stringify(record));
  };
  const late = async (hours: number) => {
    clock.now = after(hours);
    const app = await open();
    const watched = await app.watch();
    const tested = await app.restoreTest('lake', {});
    return {
      watch: watched.findings.some(({ check, level }) => check === 'late' && level === 'fault'),
      status: (await app.status()).databases.some(({ fresh }) => !fresh),
      page: !(await app.statusOf('lake')).fresh,
      'restore test': tested.databases.some(({ ok }) => !ok),
    };
  };
  return { start, late };
}

test('the watch, the status and the restore test allow for a backup in progress, and only so long', async () => {
  const { start, late } = await world();
  const all = (value: boolean) => ({
    watch: value,
    status: value,
    page: value,
    'restore test': value,
  });
  expect(await late(3)).toEqual(all(true));
  start();
  expect(await late(3)).toEqual(all(false));
  expect(await late(7)).toEqual(all(true));
});
