import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const root = join(import.meta.dirname, '..', '..');
const MAIN = join(root, 'cli', 'main.ts');
/** The commands that need a deployment on Google Cloud; test/trigger covers them. */
const ELSEWHERE = /lifeboat trigger/;
/** The commands that need a configuration, as the sentence below the block says. */
const CONFIGURED = /lifeboat (watch|doctor|install-hook)/;

test('the commands of the README work in their order on a new machine', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, use = ''] = /## Use it\n\n```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  const commands = use.trim().split('\n');
  expect(commands.length).toBeGreaterThan(8);
  const cwd = folder();
  mkdirSync(join(cwd, 'srv/shop'), { recursive: true });
  createShop(join(cwd, 'srv/shop/db.sqlite3'), 1 << 20);
  execFileSync('git', ['init', '-q'], { cwd });
  const lifeboat = (line: string) => {
    const script = line
      .replace(/^lifeboat/, '"$NODE" "$MAIN"')
      .replaceAll('/srv/shop', `${cwd}/srv/shop`);
    const env = { ...BARE, HOME: cwd, TMPDIR: cwd, NODE: process.execPath, MAIN };
    return spawnSync('/bin/sh', ['-c', script], { cwd, encoding: 'utf8', env });
  };
  const follow = (lines: readonly string[]): void => {
    for (const line of lines) {
      const { status, stdout, stderr } = lifeboat(line);
      expect(status, `${line}\n${stdout}${stderr}`).toBe(0);
    }
  };
  const here = commands.filter((line) => !ELSEWHERE.test(line));
  expect(commands.length - here.length).toBe(1);
  follow(here.filter((line) => !CONFIGURED.test(line)));
  follow(['lifeboat init --yes --source /srv/shop/db.sqlite3 --store ./backups']);
  const [name = ''] =
    /^ {2}(\S+):/m
      .exec(readFileSync(join(cwd, 'lifeboat.yaml'), 'utf8').split(/^databases:/m)[1] ?? '')
      ?.slice(1) ?? [];
  follow([`lifeboat backup ${name}`, ...here.filter((line) => CONFIGURED.test(line))]);
});
