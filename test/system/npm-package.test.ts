import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder, sha256 } from '../support/files.ts';
import { newcomerStory } from '../support/newcomer.ts';

type Lock = { readonly packages: Readonly<Record<string, { readonly version?: string }>> };

const root = join(import.meta.dirname, '..', '..');
const MIB = 1 << 20;
const lockAt = (path: string): Lock => JSON.parse(readFileSync(path, 'utf8')) as Lock;

/** A fresh project into which a package was installed, without what only its development needs. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-npm-'));
  const modules = join(folder, 'node_modules');
  // The programs of the package, as npm links them.
  const bin = join(modules, '.bin');
  const runWith = (more: Readonly<Record<string, string>>, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(bin, 'lifeboat'), ...args],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: BARE['PATH'], HOME: folder, TMPDIR: folder, ...more },
      },
    );
    return { status, stdout, stderr };
  };
  const run = (...args: string[]) => runWith({}, args);
  return {
    folder,
    modules,
    run,
    runWith,
    install: (pack: () => void) => {
      pack();
      writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true }\n');
      const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
      const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
      execFileSync('npm', ['install', ...options, `./${archive}`], { cwd: folder, stdio: 'pipe' });
    },
    lifeboat: (...args: string[]): string => {
      const { status, stdout, stderr } = run(...args);
      expect(status, `lifeboat ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
      return stdout;
    },
  };
}
type Project = ReturnType<typeof project>;

/** From the first question to the last backup that may expire. */
function runCycle({ folder, lifeboat, run }: Project): void {
  sql(join(folder, 'shop.db'), "create table t (v); insert into t values ('kept')");
  const flags = ['--store', './kept', '--time-zone', 'UTC'];
  lifeboat('init', '--source', 'shop.db', '--yes', ...flags);
  lifeboat('backup', '--all', '--reason', 'schedule');
  const { databases } = JSON.parse(lifeboat('status', '--json')) as {
    databases: { name: string }[];
  };
  const database = databases[0]?.name ?? '';
  expect(lifeboat('list')).toContain(database);
  lifeboat('verify', database, '--read-data');
  expect(lifeboat('query', database, 'select v from t')).toContain('kept');
  const document = JSON.parse(lifeboat('restore', database, '--to', 'back.db', '--json')) as {
    sha256: string;
  };
  expect(sha256(join(folder, 'back.db'))).toBe(document.sha256);
  lifeboat('restore-test', database);
  lifeboat('watch');
  lifeboat('doctor');
  expect(lifeboat('install-timer', '--user', '--print')).toContain(`backup ${database} --reason`);
  lifeboat('prune', '--dry-run');
  lifeboat('keygen', '--out', 'keys');
  expect(run('retire', database).status).toBe(2);
  lifeboat('retire', database, '--yes');
}

describe('the npm package, installed in a fresh folder', () => {
  const full = project();
  beforeAll(() => {
    full.install(() => {
      const args = ['pack', '--pack-destination', full.folder];
      execFileSync('npm', args, { cwd: root, stdio: 'pipe' });
    });
  }, 300_000);
  afterAll(() => rmSync(full.folder, { recursive: true }));

  // npm follows a shrinkwrap only in packages that come from a registry, so its content is checked.
  test('pins exactly the dependencies that were tested', () => {
    const tested = lockAt(join(root, 'package-lock.json')).packages;
    const path = join(full.modules, '@lifeboat-backup/lifeboat/npm-shrinkwrap.json');
    const { packages } = lockAt(path);
    const pinned = Object.entries(packages).filter(([name]) => name !== '');
    expect(pinned.length).toBeGreaterThan(100);
    expect(pinned.filter(([name, { version }]) => tested[name]?.version !== version)).toEqual([]);
    expect(JSON.stringify(packages)).not.toContain('resolved');
  });

  test('runs the whole cycle', () => expect(() => runCycle(full)).not.toThrow());

  test('lets a newcomer schedule backups, get a mail about a failed one, and restore', async () => {
    const { steps, mails, rows } = await newcomerStory(folder(), full.modules);
    // The page shows this very story.
    const page = readFileSync(join(root, 'docs/first-day.md'), 'utf8');
    const shown = [...page.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command);
    expect(steps.map(({ command }) => command)).toEqual(shown);
    expect(steps.map(({ status }) => status)).toEqual([0, 0, 0, 0, 3, 0, 2, 0, 0]);
    const [init, units, crontab, first, failed, list, refused, restored] = steps.map(
      ({ output }) => output,
    );
    expect(init).toContain('Scheduled backups send alerts to ops@example.com.');
    expect(units).toContain('OnCalendar=*-*-* 03:00:00 UTC\n');
    expect(crontab).toMatch(/^0 3 \* \* \* .* backup shop --reason schedule /m);
    expect(first).toBe('');
    expect(failed).toMatch(
      /^error: \S+shop\.db is too short to be a database \(\d+ bytes\)\nhint: /,
    );
    expect(list).toMatch(/ schedule +full .* ok held\n$/);
    expect(refused).toMatch(/^error: \S+shop\.db is open in process \d+ \(node\)\nhint: Stop that/);
    expect(restored).toMatch(/ restored to \S+shop\.db: [^]* moved aside: \S+\.before-restore-/);
    expect(mails.map((mail) => /^Subject: (.*)$/m.exec(mail)?.[1])).toEqual([
      '[Lifeboat] shop: backup failed (source_invalid)',
      '[Lifeboat] shop: problem resolved',
    ]);
    expect(mails[0]).toMatch(/^To: ops@example\.com$/m);
    expect(rows).toEqual(['10', '20']);
  });
});

describe('the slim package, installed in a fresh folder', () => {
  const slim = project();
  beforeAll(() => {
    slim.install(() => {
      // dist/ is there: the package above was built from it.
      const args = ['scripts/package/slim.ts', '--out', slim.folder];
      execFileSync(process.execPath, args, { cwd: root, stdio: 'pipe' });
      rmSync(join(slim.folder, 'slim'), { recursive: true });
    });
  }, 300_000);
  afterAll(() => rmSync(slim.folder, { recursive: true }));

  test('has at most 40 MB of modules, and no client of Google', () => {
    const files = readdirSync(slim.modules, { recursive: true, withFileTypes: true });
    const bytes = files
      .filter((file) => file.isFile())
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(bytes).toBeLessThan(40 * MIB);
    expect(readdirSync(slim.modules)).not.toContain('@google-cloud');
  });

  test('runs the whole cycle', () => expect(() => runCycle(slim)).not.toThrow());

  test.each([
    ['list', '@google-cloud/storage', ['list', '--store', 'gs://acme-backups']],
    ['serve', '@google-cloud/functions-framework', ['serve', '--port', '0']],
  ])('says how to install what `%s` needs', (_, name, args) => {
    const { status, stderr } = slim.run(...args);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(new RegExp(`hint: .*npm install ${name}@\\d+\\.\\d+\\.\\d+\`\\.\n`)),
    ]);
  });

  test('says how to install what mail by SendGrid needs', () => {
    const yaml = 'notify: { email: { to: [ops@example.com], from: ops@example.com } }\n';
    writeFileSync(join(slim.folder, 'mail.yaml'), yaml);
    const { status, stderr } = slim.runWith({ SENDGRID_API_KEY: 'SG.not-a-real-key-at-all' }, [
      'notify-test',
      '--config',
      'mail.yaml',
    ]);
    expect([status, stderr]).toEqual([
      10,
      expect.stringMatching(/npm install @sendgrid\/mail@\d+\.\d+\.\d+/),
    ]);
  });
});
