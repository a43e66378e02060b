import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateKeys } from '../../core/format/keys.ts';
import { parseConfig } from '../../core/config/load.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { hasCronDaemon } from '../../core/setup/timer/cron-daemon.ts';
import { randomDelay, timerJobs } from '../../core/setup/timer/jobs.ts';
import type { TimerKind, TimerPlan } from '../../core/setup/timer/plan.ts';
import { installTimer, removeTimer, timerFiles } from '../../core/setup/timer/timer.ts';
import { runCli } from '../support/cli.ts';
import { folder } from '../support/files.ts';

const TWO = `timeZone: UTC
databases:
  shop: { source: shop.db, schedule: "0 3 * * *" }
  blog: { source: blog.db, schedule: "*/10 * * * *" }
  notes: { source: notes.db }
notify: { email: { to: [ops@example.com], from: ops@example.com } }
`;
const ONE = 'timeZone: UTC\ndatabases: { shop: { source: shop.db, schedule: "30 4 * * *" } }\n';

/** A machine whose systemctl, crontab and launchctl only record their calls. */
function machine() {
  const home = folder();
  const calls: string[] = [];
  let crontab = '# mine\n5 5 * * * true\n';
  return {
    home,
    calls,
    crontab: () => crontab,
    host: {
      folder: join(home, 'units'),
      uid: 501,
      run: async (program: string, args: readonly string[], input?: string) => {
        calls.push([program, ...args].join(' '));
        if (program === 'crontab' && args[0] === '-l') {
          if (crontab === '')
            throw new LifeboatError('usage', 'crontab -l failed: no crontab for ops', '-');
          return crontab;
        }
        if (program === 'crontab') crontab = input ?? '';
        return '';
      },
    },
    plan: (kind: TimerKind, yaml = TWO, more: Partial<TimerPlan> = {}): TimerPlan => {
      const config = parseConfig(yaml, home);
      return {
        kind,
        prefix: 'lifeboat',
        config,
        configPath: join(home, 'lifeboat.yaml'),
        store: undefined,
        program: { node: '/opt/node', main: '/opt/it costs 5% $HOME "x"/main.js' },
        environmentFile: join(home, 'etc/environment'),
        home,
        runAs: 'root',
        onFailure: undefined,
        jobs: timerJobs(config),
        now: new Date('2026-11-28T00:00:00Z'),
        ...more,
      };
    },
  };
}
const names = (files: readonly { path: string; change: string }[]): string[] =>
  files.map(({ path, change }) => `${path.split('/').at(-1)} ${change}`);

describe('the timers of systemd', () => {
  test('start each backup, the restore test and the watch, with alerts', async () => {
    const { host, plan, calls } = machine();
    const { files } = await installTimer(plan('user'), host);
    expect(names(files)).toEqual(
      ['backup-shop', 'backup-blog', 'restore-test', 'watch'].flatMap((name) => [
        `lifeboat-${name}.service created`,
        `lifeboat-${name}.timer created`,
      ]),
    );
    expect(calls[0]).toBe('systemctl --user daemon-reload');
    expect(calls[1]).toMatch(
      /^systemctl --user enable lifeboat-backup-shop\.timer .*-watch\.timer$/,
    );
    const unit = (name: string): string => readFileSync(join(host.folder, name), 'utf8');
    expect(unit('lifeboat-backup-shop.service')).toMatch(
      /^ExecStart=\/opt\/node "\/opt\/it costs 5%% \$\$HOME \\"x\\"\/main.js" backup shop --reason schedule --config /m,
    );
    expect(unit('lifeboat-backup-shop.service')).toMatch(/^OnFailure=lifeboat-watch\.service$/m);
    expect(unit('lifeboat-restore-test.service')).toContain('restore-test --notify');
    expect(unit('lifeboat-watch.service')).not.toContain('OnFailure=');
    expect(unit('lifeboat-backup-blog.timer')).toMatch(/^RandomizedDelaySec=60$/m);
  });

  // docs/operations.md stops the timers for an upgrade, and starts them again with this.
  test('that somebody stopped are started again, even if nothing changed', async () => {
    const { host, plan, calls } = machine();
    await installTimer(plan('system'), host);
    calls.length = 0;
    await installTimer(plan('system'), host);
    expect(calls.find((call) => call.startsWith('systemctl restart'))).toBe(
      `systemctl restart ${['backup-shop', 'backup-blog', 'restore-test', 'watch'].map((name) => `lifeboat-${name}.timer`).join(' ')}`,
    );
  });

  test('stay as they are when nothing changed, and follow lifeboat.yaml when it did', async () => {
    const { host, plan, calls } = machine();
    await installTimer(plan('user'), host);
    const again = await installTimer(plan('user'), host);
    expect(new Set(again.files.map(({ change }) => change))).toEqual(new Set(['unchanged']));
    calls.length = 0;
    const { files } = await installTimer(plan('user', ONE), host);
    expect(names(files)).toContain('lifeboat-backup-shop.timer changed');
    expect(names(files)).toContain('lifeboat-backup-blog.service removed');
    expect(calls[0]).toBe('systemctl --user disable --now lifeboat-backup-blog.timer');
    await removeTimer(plan('user'), host);
    expect(readdirSync(host.folder)).toEqual([]);
    await expect(removeTimer(plan('user'), host)).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([
    ['that Lifeboat did not write', '[Unit]\n'],
    ['of another lifeboat.yaml', '# Written by `lifeboat install-timer` for /srv/lifeboat.yaml\n'],
  ])('never replace a unit %s', async (_, text) => {
    const { host, plan, calls } = machine();
    await installTimer(plan('system', ONE), host);
    const path = join(host.folder, 'lifeboat-backup-shop.timer');
    writeFileSync(path, text);
    calls.length = 0;
    await expect(installTimer(plan('system', ONE), host)).rejects.toMatchObject({ code: 'usage' });
    expect([readFileSync(path, 'utf8'), calls]).toEqual([text, []]);
  });

  test('are hardened for the machine, and writable only where a backup writes', () => {
    const { plan } = machine();
    const yaml = `store: /mnt/backups\ncopies: ["/mnt/it's a copy", gs://acme]\n${TWO}`;
    const more = { runAs: 'shop', configPath: '/etc/l/lifeboat.yaml', environmentFile: '/etc/l/e' };
    const [service] = timerFiles(plan('system', yaml, more));
    expect(service?.text).toMatch(/^User=shop$/m);
    expect(service?.text).toMatch(/^CapabilityBoundingSet=$/m);
    expect(service?.text).toContain(`ReadWritePaths=/mnt/backups "/mnt/it's a copy"\n`);
    expect(timerFiles(plan('system', yaml))[0]?.text).not.toContain('CapabilityBoundingSet');
  });
});

describe('the timers of another user', () => {
  test.each([
    ['does not exist', ' --version', 'no such user'],
    [
      'cannot read lifeboat.yaml',
      'test -r /etc/l/lifeboat.yaml',
      'the user shop cannot read /etc/',
    ],
    ['cannot write to the store', 'test -w ', 'the user shop cannot write to '],
  ])('are not installed when the user %s', async (_, refused, message) => {
    const { host, plan } = machine();
    const run: typeof host.run = async (program, args) => {
      if (program === 'runuser' && args.join(' ').includes(refused))
        throw new LifeboatError('usage', 'no such user', '-');
      return '';
    };
    const more = { runAs: 'shop', configPath: '/etc/l/lifeboat.yaml' };
    await expect(installTimer(plan('system', ONE, more), { ...host, run })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
    expect(existsSync(host.folder)).toBe(false);
  });

  test('are installed when the user can start Lifeboat', async () => {
    const { host, plan, calls, home } = machine();
    writeFileSync(join(home, 'shop.db'), '');
    await installTimer(plan('system', ONE, { runAs: 'shop' }), host);
    const check = 'runuser -u shop --';
    expect(calls.filter((call) => call.startsWith(check))).toEqual([
      `${check} /opt/node /opt/it costs 5% $HOME "x"/main.js --version`,
      `${check} test -r ${home}/lifeboat.yaml`,
      `${check} test -r ${home}/shop.db`,
      `${check} test -w ${home}/backups`,
    ]);
  });
});

test('a machine without a cron daemon is noticed', () => {
  const processes = folder();
  expect(hasCronDaemon(join(processes, 'missing'))).toBe(true);
  for (const [id, program] of ['node', 'crond'].entries()) {
    mkdirSync(join(processes, String(id)));
    writeFileSync(join(processes, String(id), 'comm'), `${program}\n`);
    expect(hasCronDaemon(processes)).toBe(program === 'crond');
  }
});

test('secrets get a file that only its owner can read, and an existing one keeps its content', async () => {
  const { host, plan, home } = machine();
  const path = join(home, 'etc/environment');
  await installTimer(plan('user'), host);
  expect(readFileSync(path, 'utf8')).toContain("#SENDGRID_API_KEY='…'");
  writeFileSync(path, "SENDGRID_API_KEY='x'\n", { mode: 0o644 });
  await installTimer(plan('user'), host);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
    "SENDGRID_API_KEY='x'\n",
    0o600,
  ]);
});

test('the file of secrets asks for the identity only where restore tests decrypt', async () => {
  const { recipient } = await generateKeys();
  const yaml = (schedule: string) =>
    `restoreTest: { schedule: ${schedule} }\ndatabases: { shop: { source: shop.db, schedule: "0 3 * * *", encryption: { recipients: [${recipient}] } } }\n`;
  const secretsOf = async (text: string) => {
    const { host, plan, home } = machine();
    await installTimer(plan('user', text), host);
    return readFileSync(join(home, 'etc/environment'), 'utf8');
  };
  expect(await secretsOf(yaml('"0 5 1 * *"'))).toMatch(
    /^# restore tests of shop;.*\n#LIFEBOAT_IDENTITY='…'$/m,
  );
  expect(await secretsOf(yaml('false'))).not.toContain('LIFEBOAT_IDENTITY');
  expect(await secretsOf(TWO)).not.toContain('LIFEBOAT_IDENTITY');
});

describe('the lines in a crontab', () => {
  test('stand between two marks, replace older ones, and leave the others alone', async () => {
    const { host, plan, crontab, home } = machine();
    await installTimer(plan('cron'), host);
    const first = crontab();
    expect(first).toContain('# mine\n5 5 * * * true\n# >>> lifeboat >>> ');
    expect(first).toContain(`0 3 * * * if [ -r '${home}/etc/environment' ]; then set -a; . `);
    expect(first).toContain(
      `'/opt/it costs 5\\% $HOME "x"/main.js' backup shop --reason schedule `,
    );
    expect((await installTimer(plan('cron'), host)).files).toMatchObject([{ change: 'unchanged' }]);
    await installTimer(plan('cron', ONE), host);
    expect(crontab().match(/backup (shop|blog)/g)).toEqual(['backup shop']);
    await removeTimer(plan('cron'), host);
    expect(crontab()).toBe('# mine\n5 5 * * * true\n');
  });

  test('are refused for a time zone that cron does not know', async () => {
    const { host, plan, crontab } = machine();
    const yaml = ONE.replace('UTC', 'Pacific/Chatham');
    await expect(installTimer(plan('cron', yaml), host)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('backup-shop (Pacific/Chatham)'),
    });
    expect(crontab()).not.toContain('lifeboat');
  });
});

test('launchd gets an agent for each job, and loads only those that changed', async () => {
  const { host, plan, calls, home } = machine();
  await installTimer(plan('launchd'), host);
  const agent = readFileSync(join(host.folder, 'dev.lifeboat.backup-shop.plist'), 'utf8');
  expect(agent).toContain('<dict><key>Hour</key><integer>3</integer><key>Minute</key><integer>0');
  expect(agent).toContain(`${home}/Library/Logs/dev.lifeboat.backup-shop.log`);
  expect(calls.filter((call) => call.includes('bootstrap gui/501'))).toHaveLength(4);
  calls.length = 0;
  await installTimer(plan('launchd'), host);
  expect(calls).toEqual(
    ['backup-shop', 'backup-blog', 'restore-test', 'watch'].map(
      (name) => `launchctl print gui/501/dev.lifeboat.${name}`,
    ),
  );
});

test('an agent that could not be loaded is loaded by the next call', async () => {
  const { host, plan, calls } = machine();
  const failing = (verb: string): typeof host => ({
    ...host,
    run: async (program, args) => {
      if (args[0] === verb) throw new LifeboatError('usage', `launchctl ${verb} failed`, '-');
      return host.run(program, args);
    },
  });
  await expect(installTimer(plan('launchd'), failing('bootstrap'))).rejects.toMatchObject({
    message: 'launchctl bootstrap failed',
  });
  calls.length = 0;
  const { files } = await installTimer(plan('launchd'), failing('print'));
  expect(new Set(files.map(({ change }) => change))).toEqual(new Set(['unchanged']));
  expect(calls.filter((call) => call.includes('bootstrap gui/501'))).toHaveLength(4);
});

test('a start is delayed by a tenth of the interval, and by five minutes at most', () => {
  const delay = (schedule: string): number =>
    randomDelay(
      { name: '', description: '', args: [], schedule, timeZone: 'UTC' },
      new Date('2026-11-28T00:00:00Z'),
    );
  expect(['0 3 * * *', '*/5 * * * *', '* * * * *'].map(delay)).toEqual([300, 30, 6]);
});

describe('lifeboat install-timer', () => {
  test('--print shows everything and changes nothing', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'lifeboat.yaml'), TWO);
    const { status, stdout } = await runCli(cwd, ['install-timer', '--user', '--print', '--json'], {
      HOME: cwd,
    });
    const { kind, files } = JSON.parse(stdout) as { kind: string; files: { path: string }[] };
    expect([status, kind, files.length]).toEqual([0, 'user', 8]);
    expect(files[0]?.path).toBe(join(cwd, '.config/systemd/user/lifeboat-backup-shop.service'));
    expect(readdirSync(cwd)).toEqual(['lifeboat.yaml']);
  });

  test.each([
    ['without a configuration', '', []],
    [
      'without a schedule',
      'databases: { shop: { source: shop.db } }\nwatch: { schedule: false }\nrestoreTest: { schedule: false }\n',
      [],
    ],
    ['with a name that is none', TWO, ['--name', '../x']],
  ])('is refused %s', async (_, yaml, flags) => {
    const cwd = folder();
    if (yaml !== '') writeFileSync(join(cwd, 'lifeboat.yaml'), yaml);
    const args = ['install-timer', '--user', '--print', '--json', ...flags];
    const { status, stdout } = await runCli(cwd, args, { HOME: cwd });
    expect([status, JSON.parse(stdout).error.code]).toEqual([2, 'usage']);
    expect(existsSync(join(cwd, '.config'))).toBe(false);
  });
});
