import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createShop } from '../../demo/shop.ts';
import { LifeboatError, type Code } from '../../core/lib/errors.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');
const page = read('operations.md');
const setup = read('setup.md');
/** The blocks of a language, also those within a list. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(
    ([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

type Listed = { id: string; held: boolean; fault: unknown };

// The blocks run in one folder: a machine on which Lifeboat is set up, and then operated.
describe('the commands of docs/setup.md and docs/operations.md', () => {
  let base: string;
  const here = (text: string): string =>
    text
      .replaceAll(
        /\/(srv\/shop|mnt\/(?:new-)?backups|etc\/lifeboat)\b/g,
        (path) => `${base}${path}`,
      )
      .replaceAll('/opt/lifeboat', root);
  const shell = (script: string): { status: number | null; stdout: string; stderr: string } => {
    const env = {
      PATH: `${base}/bin:${process.env['PATH']}`,
      TMPDIR: `${base}/tmp`,
      LIFEBOAT_CONFIG: `${base}/etc/lifeboat/lifeboat.yaml`,
    };
    return spawnSync('/bin/sh', ['-eu', '-c', here(script)], {
      cwd: `${base}/tmp`,
      env,
      encoding: 'utf8',
    });
  };
  const succeed = (script: string): string => {
    const { status, stdout, stderr } = shell(script);
    expect(status, `${script}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  const steps = [...blocks(setup, 'sh'), ...blocks(page, 'sh')];
  /** The block that contains these words. Each block of the pages is taken once. */
  const step = (words: string): string => {
    const at = steps.findIndex((each) => each.includes(words));
    expect(at, words).toBeGreaterThanOrEqual(0);
    return steps.splice(at, 1).join('');
  };
  const follow = (words: string): string => succeed(step(words));
  const listed = (): Listed[] =>
    (JSON.parse(succeed('lifeboat list shop --json')) as { backups: Listed[] }).backups;
  const inDatabase = <T>(use: (db: DatabaseSync) => T): T => {
    const db = new DatabaseSync(join(base, 'srv/shop/db.sqlite3'));
    try {
      return use(db);
    } finally {
      db.close();
    }
  };

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
    for (const path of ['bin', 'tmp', 'srv/shop', 'mnt/backups', 'etc/lifeboat'])
      mkdirSync(join(base, path), { recursive: true });
    const [program = ''] = blocks(setup, 'bash');
    const [config = ''] = blocks(setup, 'yaml');
    writeFileSync(join(base, 'bin/lifeboat'), here(program));
    // Fakes: there is no application to stop, and no user of its own.
    for (const name of ['systemctl', 'chown'])
      writeFileSync(join(base, 'bin', name), '#!/bin/sh\n');
    for (const name of ['lifeboat', 'systemctl', 'chown'])
      chmodSync(join(base, 'bin', name), 0o755);
    writeFileSync(join(base, 'etc/lifeboat/lifeboat.yaml'), here(config));
    createShop(join(base, 'srv/shop/db.sqlite3'), 1 << 20);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test('set Lifeboat up, and back up before a deploy', () => {
    expect(follow('export LIFEBOAT_CONFIG')).toMatch(/ full, every page.*\n[^]* ok\n/);
    expect(succeed('lifeboat status shop')).toContain('no run has ever been started by a schedule');
    expect(follow('--reason pre-deploy')).toMatch(/verdict ok/);
    follow('status --check');
  });

  test('restore an older backup when the newest one is damaged', () => {
    inDatabase((db) => db.exec('update orders set total_cents = total_cents + 1'));
    succeed('lifeboat backup shop');
    const [newest, older] = listed();
    const folder = join(base, 'mnt/backups/databases/shop', newest?.id ?? '');
    const [damaged = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.zst'),
    );
    const [verify = '', restore = ''] = step('older.sqlite3').trim().split('\n');
    const content = readFileSync(join(folder, damaged));
    writeFileSync(join(folder, damaged), content.subarray(1));
    const { status, stdout } = shell(verify);
    expect(status).toBe(5);
    const sound = [...stdout.matchAll(/^(\S+) {2}ok$/gm)].map(([, id]) => id);
    expect(sound).toContain(older?.id);
    expect(sound).not.toContain(newest?.id);
    succeed(restore.replace('20261127T030000Z-3c9d1f0a', older?.id ?? ''));
    expect(existsSync(join(base, 'srv/shop/older.sqlite3'))).toBe(true);
    writeFileSync(join(folder, damaged), content);
    succeed('lifeboat verify shop --read-data');
    succeed('lifeboat backup shop --kind full');
  });

  test('create keys and rotate them: backups of the old key are still accepted', () => {
    const environment = join(base, 'etc/lifeboat/environment');
    const keyIn = (name: string): string =>
      /^LIFEBOAT_KEY=([0-9a-f]{64})$/m.exec(
        readFileSync(join(base, 'etc/lifeboat', name), 'utf8'),
      )?.[1] ?? '';
    follow('--out /etc/lifeboat/keys');
    writeFileSync(environment, `LIFEBOAT_KEY='${keyIn('keys')}'\n`);
    const load = 'set -a; . /etc/lifeboat/environment; set +a';
    const backups = (): Listed[] =>
      (JSON.parse(succeed(`${load}; lifeboat list shop --json`)) as { backups: Listed[] }).backups;
    succeed(`${load}; lifeboat backup shop`);
    const [old] = backups();
    follow('--out /etc/lifeboat/new-keys');
    writeFileSync(environment, `LIFEBOAT_KEY='${keyIn('new-keys')} ${keyIn('keys')}'\n`);
    const printed = follow(load);
    const [made, kept] = backups();
    expect(kept?.id).toBe(old?.id);
    for (const backup of [made, kept]) {
      expect(backup).toMatchObject({ held: true, fault: null });
      expect(printed).toContain(`${backup?.id ?? ''}  shop`);
    }
    writeFileSync(environment, `LIFEBOAT_KEY='${keyIn('keys')}'\n`);
    const refusal = shell(`${load}; lifeboat restore shop --to /srv/shop/new.sqlite3`);
    expect(refusal.status, 'the old key alone does not accept the new backup').toBe(5);
    writeFileSync(environment, '');
  });

  test('move to a new server with every row that the application wrote', () => {
    const count = (db: DatabaseSync): unknown =>
      db.prepare('select count(*) as n from customers').get();
    inDatabase((db) =>
      db.exec(
        "insert into customers (name, email, city, joined) values ('last', 'l@x.example', '', '')",
      ),
    );
    const before = inDatabase(count);
    follow('stop shop\nlifeboat backup');
    // The new server has the store that is copied now, and no database.
    succeed('cp -a /mnt/backups /mnt/new-backups && rm -r /mnt/backups /srv/shop');
    succeed('mv /mnt/new-backups /mnt/backups && mkdir /srv/shop');
    expect(follow('lifeboat doctor')).toContain('0 problems');
    expect(inDatabase(count)).toEqual(before);
  });

  test('check an upgrade, retire a database and move a store', () => {
    follow('lifeboat restore-test shop');
    const path = join(base, 'etc/lifeboat/lifeboat.yaml');
    const config = readFileSync(path, 'utf8');
    writeFileSync(path, config.replace('  shop:', '  other:'));
    follow('lifeboat retire shop');
    writeFileSync(path, config);
    expect(listed().some(({ held }) => held)).toBe(false);
    expect(follow('cp -a')).toMatch(/ ok\n/);
  });

  test('read the result of a run and prune', () => {
    expect(follow('--json 2>> log.jsonl')).toMatch(
      /^\d{8}T\d{6}Z-[0-9a-f]{8} (full|incremental) \d+ \d+\n$/,
    );
    follow('prune --dry-run');
    expect(steps).toEqual([]);
  });
});

test('systemd finds no problem in the unit of docs/setup.md', () => {
  const [, unit = ''] =
    /`\/etc\/systemd\/system\/lifeboat\.service`:\n\n```ini\n([\s\S]*?)```/.exec(setup) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
  try {
    const path = join(folder, 'lifeboat.service');
    writeFileSync(
      path,
      unit.replaceAll('/usr/local/bin/lifeboat', '/bin/true').replace('User=shop', 'User=root'),
    );
    // It names unknown directives but exits with 0.
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
      encoding: 'utf8',
    });
    expect(unit).toContain('ExecStart=/usr/local/bin/lifeboat serve');
    expect(stderr.split('\n').filter((line) => line.includes('lifeboat'))).toEqual([]);
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the tables of docs/operations.md', () => {
  test('list exactly the codes of core/lib/errors.ts with their exit status', () => {
    const text = readFileSync(join(root, 'core/lib/errors.ts'), 'utf8');
    const known = [...text.matchAll(/^ {2}(\w+): \{ exit:/gm)].map(([, code]) => code as Code);
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \| .+ \| .+\. \|$/gm)].map(
      ([, code, exit]) => [code, Number(exit)],
    );
    expect(known.length).toBeGreaterThan(20);
    expect(rows).toEqual(known.map((code) => [code, new LifeboatError(code, '', '').exit]));
    const statuses = [...read('commands.md').matchAll(/^\| (\d+) \| /gm)].map(([, status]) =>
      Number(status),
    );
    expect(new Set(statuses)).toEqual(new Set([0, ...rows.map(([, exit]) => exit)]));
  });

  test.each(['operations', 'setup', 'commands', 'configuration', 'format', 'design'])(
    'docs/%s.md has no dangling links',
    (name) => {
      const anchors = (file: string): string[] =>
        [...readFileSync(join(root, 'docs', file), 'utf8').matchAll(/^#+ (.*)$/gm)].map(
          ([, title = '']) =>
            title
              .toLowerCase()
              .replaceAll(/[^\w -]/g, '')
              .replaceAll(' ', '-'),
        );
      const broken = [
        ...readFileSync(join(root, 'docs', `${name}.md`), 'utf8').matchAll(
          /\]\(([^)#:]*)(?:#([^)]*))?\)/g,
        ),
      ].filter(([, file = '', anchor]) => {
        const target = file === '' ? `${name}.md` : file;
        return (
          !existsSync(join(root, 'docs', target)) ||
          (anchor !== undefined && !anchors(target).includes(anchor))
        );
      });
      expect(broken.map(([link]) => link)).toEqual([]);
    },
  );
});
