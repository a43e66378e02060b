import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'restore.md'), 'utf8');

/** What differs from one machine and run to the next, each kind by its name. */
const shape = (text: string): string =>
  text
    .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, 'ID')
    .replaceAll(/\d{8}T\d{6}Z/g, 'STAMP')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'SHA256')
    .replaceAll(/\d+ [A-Z][a-z]{2,3} \d{4}, \d\d:\d\d UTC/g, 'TIME')
    .replaceAll(/\d+ [A-Z][a-z]{2,3} \d{4}/g, 'DAY')
    .replaceAll(/[\d.]+ (?:B|KiB|MiB)\b/g, 'SIZE')
    .replaceAll(/took [\d.]+ m?s/g, 'took SOME')
    .replaceAll(/\bnow\b|\d+ (?:min|h) ago/g, 'AGE')
    .replaceAll(/ (?:full, every page|incremental, \d+ of \d+ pages),/g, ' KIND,')
    .replaceAll(/^\d+$/gm, 'COUNT')
    .replaceAll(/ +/g, ' ')
    .trim();

test('the steps of docs/restore.md work in their order, and print what the page says', () => {
  const base = folder();
  const here = (text: string): string =>
    text.replaceAll(/\/(srv\/shop|mnt\/backups)\b/g, (path) => `${base}${path}`);
  for (const path of ['bin', 'tmp', 'srv/shop', 'mnt/backups'])
    mkdirSync(join(base, path), { recursive: true });
  const main = join(root, 'dist/cli/main.js');
  writeFileSync(
    join(base, 'bin/lifeboat'),
    `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`,
  );
  // A fake: there is no application to stop.
  writeFileSync(join(base, 'bin/systemctl'), '#!/bin/sh\n');
  for (const name of ['lifeboat', 'systemctl']) chmodSync(join(base, 'bin', name), 0o755);
  // Only for the last step: the page says that a restore needs no configuration.
  const config = here('databases: { shop: { source: /srv/shop/db.sqlite3 } }\n');
  const shell = (script: string): string => {
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-eu', '-c', here(script)], {
      cwd: join(base, 'tmp'),
      env: { ...BARE, PATH: `${base}/bin:${process.env['PATH']}`, TMPDIR: join(base, 'tmp') },
      encoding: 'utf8',
    });
    expect(status, `${script}\n${stdout}${stderr}`).toBe(0);
    return stdout.replaceAll(base, '');
  };
  createShop(join(base, 'srv/shop/db.sqlite3'), 1 << 20);
  writeFileSync(join(base, 'tmp/lifeboat.yaml'), config);
  shell('lifeboat backup shop --reason schedule --no-notify --store /mnt/backups');

  const sections = page.split(/^## /m).slice(1);
  expect(sections.map((each) => each.slice(0, 2))).toEqual(['1.', '2.', '3.', '4.', '5.']);
  for (const section of sections) {
    const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
    const [, printed = ''] = /```console\n([\s\S]*?)```/.exec(section) ?? [];
    expect(script).not.toBe('');
    if (section.startsWith('4.')) emptyOrders(join(base, 'srv/shop/db.sqlite3'));
    expect(shape(shell(script))).toBe(shape(printed));
  }
  expect(readdirSync(join(base, 'srv/shop')).sort()).toEqual([
    'db.sqlite3',
    expect.stringMatching(/^db\.sqlite3\.before-restore-/),
  ]);
  expect(ordersIn(join(base, 'srv/shop/db.sqlite3'))).toBeGreaterThan(0);
});

test('the messages that docs/restore.md explains are those of the program', () => {
  const source = ['core', 'cli']
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(root, top, name), 'utf8')),
    )
    .join('\n')
    .replaceAll(/\$\{[^{}]*\}/g, 'shop');
  const cells = [...page.matchAll(/^\| (`.*?) \| /gm)].map(([, cell = '']) => cell);
  const messages = cells
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text))
    .filter((text) => text !== 'backup_damaged');
  expect(messages.length).toBeGreaterThan(10);
  expect(messages.filter((text) => !source.includes(text))).toEqual([]);
});

function emptyOrders(path: string): void {
  using db = new DatabaseSync(path);
  db.exec('pragma foreign_keys = off; delete from orders');
}

function ordersIn(path: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return Number(db.prepare('select count(*) as n from orders').get()?.['n']);
}
