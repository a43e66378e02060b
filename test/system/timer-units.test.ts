import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { nextRun } from '../../core/schedule/cron.ts';
import { systemdCalendars } from '../../core/schedule/calendar.ts';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';

const FROM = new Date('2026-01-01T00:00:00Z');
const UNTIL = Date.parse('2027-01-01T00:00:00Z');

describe('the units of `lifeboat install-timer`', () => {
  test.each(['--system', '--user'])('have no problem for systemd, with %s', async (kind) => {
    const cwd = folder();
    const project = join(cwd, 'my project');
    mkdirSync(project);
    writeFileSync(
      join(project, 'lifeboat.yaml'),
      `store: "~/my backups"
copies: [/mnt/nas]
databases:
  shop: { source: "db 100%.sqlite3", schedule: "0 3 1 * mon", timeZone: America/Sao_Paulo }
  blog: { source: blog.db, schedule: "*/10 8-18 * * 1-5" }
`,
    );
    const { stdout } = await runCli(project, ['install-timer', kind, '--print', '--json'], {
      HOME: cwd,
    });
    const { files } = JSON.parse(stdout) as { files: { path: string; text: string }[] };
    expect(files).toHaveLength(8);
    const units = files.map(({ path, text }) => {
      const unit = join(cwd, path.split('/').at(-1) ?? '');
      writeFileSync(unit, text);
      return unit;
    });
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    });
    expect(stderr.split('\n').filter((line) => line.includes('lifeboat'))).toEqual([]);
    expect(status).toBe(0);
  });
});

describe('the system units of `lifeboat install-timer`', () => {
  test('allow every system call that a backup makes', async () => {
    const cwd = folder();
    createShop(join(cwd, 'db.sqlite3'), 1 << 20);
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { shop: { source: db.sqlite3, schedule: "0 3 * * *" } }\n',
    );
    const { stdout } = await runCli(cwd, ['install-timer', '--system', '--print'], { HOME: cwd });
    const filter = /^SystemCallFilter=(.*)$/m.exec(stdout)?.[1]?.split(' ') ?? [];
    const allowed = new Set(filter.flatMap(systemCalls));
    const trace = join(cwd, 'trace');
    const cli = [
      process.execPath,
      join(import.meta.dirname, '../../dist/cli/main.js'),
      'backup',
      'db.sqlite3',
    ];
    execFileSync('strace', ['-f', '-qq', '-c', '-S', 'name', '-o', trace, ...cli], {
      cwd,
      env: { TMPDIR: cwd },
    });
    const calls =
      readFileSync(trace, 'utf8')
        .match(/[a-z_0-9]+$/gm)
        ?.filter((name) => name !== 'total' && name !== 'syscall') ?? [];
    expect(calls.length).toBeGreaterThan(40);
    expect(calls.filter((name) => !allowed.has(name))).toEqual([]);
  });
});

describe('a schedule', () => {
  // In a zone with summer time they differ by design: docs/setup.md says how.
  test.each([
    ['0 3 * * *', 'UTC'],
    ['0 3 1 * 1', 'UTC'],
    ['0 3 */2 * 1', 'UTC'],
    ['0 3 * * */2', 'UTC'],
    ['15 5 * * fri-sun', 'UTC'],
    ['0 3 * jan-mar sun', 'UTC'],
    ['0 3 1-31 * 1', 'UTC'],
    ['30 2 * * *', 'America/Sao_Paulo'],
    ['10-20/5 8 * * 6', 'Asia/Kolkata'],
  ])('fires by systemd when it does by cron, for a year: %s in %s', (schedule, timeZone) => {
    const times: number[] = [];
    for (let at = nextRun(schedule, timeZone, FROM); at && at.getTime() < UNTIL;) {
      times.push(at.getTime());
      at = nextRun(schedule, timeZone, at);
    }
    const fired = systemdCalendars(schedule, timeZone).flatMap((calendar) =>
      calendarTimes(calendar),
    );
    expect([...new Set(fired)].filter((at) => at < UNTIL).sort((a, b) => a - b)).toEqual(times);
  });
});

function calendarTimes(calendar: string): number[] {
  const output = execFileSync(
    'systemd-analyze',
    ['calendar', '--base-time=2026-01-01 00:00:00 UTC', '--iterations=400', calendar],
    { encoding: 'utf8', env: { PATH: process.env['PATH'], TZ: 'UTC' } },
  );
  const times = output.matchAll(/(?:elapse|#\d+): \w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g);
  return [...times].map(([, day, time]) => Date.parse(`${day}T${time}Z`));
}

/** The system calls of a set such as `@system-service`, or the one call of this name. */
function systemCalls(set: string): string[] {
  if (!set.startsWith('@')) return [set];
  return execFileSync('systemd-analyze', ['syscall-filter', set], { encoding: 'utf8' })
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap(systemCalls);
}
