import { execFileSync, spawnSync } from 'node:child_process';
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
const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text ?? '',
  );

type Listed = { id: string; held: boolean };

// The blocks run in their order in one folder, as a reader would run them.
describe('the commands of docs/operations.md', () => {
  let base: string;
  const here = (text: string): string =>
    text
      .replaceAll(
        /\/(srv\/shop|mnt\/(?:new-)?backups|etc\/lifeboat)\b/g,
        (path) => `${base}${path}`,
      )
      .replaceAll('/opt/lifeboat', root);
  const shell = (script: string): { status: number | null; said: string; stderr: string } => {
    const env = {
      PATH: `${base}/bin:${process.env['PATH']}`,
      TMPDIR: `${base}/tmp`,
      LIFEBOAT_CONFIG: `${base}/etc/lifeboat/lifeboat.yaml`,
    };
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-eu', '-c', here(script)], {
      cwd: `${base}/tmp`,
      env,
      encoding: 'utf8',
    });
    return { status, said: stdout, stderr };
  };
  const steps = blocks('sh');
  /** Runs the block that contains these words. Each block runs once, in the order of the page. */
  const follow = (words: string): string => {
    const step = steps.shift() ?? '';
    expect(step).toContain(words);
    const { status, said, stderr } = shell(step);
    expect(status, `${said}${stderr}`).toBe(0);
    return said;
  };
  const listed = (): Listed[] =>
    (JSON.parse(shell('lifeboat list shop --json').said) as { backups: Listed[] }).backups;

  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
    for (const path of ['bin', 'tmp', 'srv/shop', 'mnt/backups', 'etc/lifeboat'])
      mkdirSync(join(base, path), { recursive: true });
    const [program = ''] = blocks('bash');
    const [config = ''] = blocks('yaml');
    writeFileSync(join(base, 'bin/lifeboat'), here(program));
    // A fake: there is no application to stop.
    writeFileSync(join(base, 'bin/systemctl'), '#!/bin/sh\n');
    for (const name of ['lifeboat', 'systemctl']) chmodSync(join(base, 'bin', name), 0o755);
    writeFileSync(join(base, 'etc/lifeboat/lifeboat.yaml'), here(config));
    createShop(join(base, 'srv/shop/db.sqlite3'), 1 << 20);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test('set Lifeboat up and back up before a deploy', () => {
    expect(follow('backup shop --reason schedule')).toMatch(/ full, every page.*\n[^]* ok\n/);
    expect(follow('--reason pre-deploy')).toMatch(/verdict ok/);
    expect(shell('lifeboat status --check').status).toBe(0);
  });

  test('query backups and restore over a broken database', () => {
    const path = join(base, 'srv/shop/db.sqlite3');
    const [orders] = follow('lifeboat list shop').match(/^\d+$/m) ?? [];
    expect(Number(orders)).toBeGreaterThan(0);
    follow('--at "$(date');
    const db = new DatabaseSync(path);
    db.exec('pragma foreign_keys = off; delete from orders');
    db.close();
    follow('--force');
    const restored = new DatabaseSync(path, { readOnly: true });
    expect(restored.prepare('select count(*) as n from orders').get()).toEqual({
      n: Number(orders),
    });
    restored.close();
    expect(
      readdirSync(join(base, 'srv/shop')).filter((name) => name.includes('.before-restore-')),
    ).not.toEqual([]);
    follow('--at "$(lifeboat list');
    expect(existsSync(join(base, 'srv/shop/older.sqlite3'))).toBe(true);
  });

  test('create keys and rotate them: backups of the old key are still readable', () => {
    expect(follow('lifeboat keygen').trim()).toMatch(/^2$/m);
    const before = listed().map(({ id }) => id);
    const said = follow('LIFEBOAT_KEY="$NEW $LIFEBOAT_KEY"');
    const made = listed().filter(({ id }) => !before.includes(id));
    expect(made.map(({ held }) => held)).toEqual([true, true]);
    for (const { id } of made) expect(said.match(new RegExp(id, 'g')) ?? []).toHaveLength(2);
  });

  test('retire a database and move a store', () => {
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

describe('the units of docs/operations.md', () => {
  const units = [
    ...page.matchAll(
      /`\/etc\/systemd\/system\/(\S+)`:[^`]*(?:`[^`\n]+`[^`]*)*?```ini\n([\s\S]*?)```/g,
    ),
  ].map(([, name = '', text = '']) => ({ name, text }));

  test('are four, and systemd finds no problem', () => {
    expect(units.map(({ name }) => name).sort()).toEqual([
      'lifeboat-check.service',
      'lifeboat-check.timer',
      'lifeboat.service',
      'lifeboat@.service',
      'lifeboat@.timer',
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
    try {
      for (const { name, text } of units)
        writeFileSync(
          join(folder, name.replace('@', '@shop')),
          text.replaceAll('/usr/local/bin/lifeboat', '/bin/true').replace('User=shop', 'User=root'),
        );
      const paths = units.map(({ name }) => join(folder, name.replace('@', '@shop')));
      // It names unknown directives but exits with 0.
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...paths], {
        encoding: 'utf8',
      });
      expect(stderr.split('\n').filter((line) => line.includes('lifeboat'))).toEqual([]);
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('allow every system call that a backup makes', () => {
    const filter = /^SystemCallFilter=(.*)$/m.exec(page)?.[1]?.split(' ') ?? [];
    const expand = (set: string): string[] =>
      execFileSync('systemd-analyze', ['syscall-filter', set], { encoding: 'utf8' })
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#'))
        .flatMap((name) => (name.startsWith('@') ? expand(name) : [name]));
    const allowed = new Set(filter.flatMap(expand));
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
    try {
      createShop(join(folder, 'db.sqlite3'), 1 << 20);
      const traced = join(folder, 'trace');
      const cli = [process.execPath, join(root, 'dist/cli/main.js'), 'backup', 'db.sqlite3'];
      execFileSync('strace', ['-f', '-qq', '-c', '-S', 'name', '-o', traced, ...cli], {
        cwd: folder,
        env: { TMPDIR: folder },
      });
      const used =
        readFileSync(traced, 'utf8')
          .match(/[a-z_0-9]+$/gm)
          ?.filter((name) => name !== 'total' && name !== 'syscall') ?? [];
      expect(used.length).toBeGreaterThan(40);
      expect(used.filter((name) => !allowed.has(name))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
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
    const statuses = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, status]) => Number(status));
    expect(new Set(statuses)).toEqual(new Set([0, ...rows.map(([, exit]) => exit)]));
  });

  test.each(['operations', 'configuration', 'format', 'design'])(
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
