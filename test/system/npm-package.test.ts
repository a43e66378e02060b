import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../support/databases.ts';
import { sha256 } from '../support/files.ts';

type Lock = { readonly packages: Readonly<Record<string, { readonly version?: string }>> };

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-npm-'));
const installed = join(folder, 'node_modules');
const lifeboat = (...args: string[]): string =>
  execFileSync(process.execPath, [join(installed, 'lifeboat', 'dist', 'cli', 'main.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], TMPDIR: folder },
  });
const lockAt = (path: string): Lock => JSON.parse(readFileSync(path, 'utf8')) as Lock;

afterAll(() => rmSync(folder, { recursive: true }));

describe('the npm package, installed in a fresh folder', () => {
  beforeAll(() => {
    execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
    writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true }\n');
    const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...options, `./${archive}`], { cwd: folder, stdio: 'pipe' });
  }, 300_000);

  // npm follows a shrinkwrap only in packages that come from a registry, so its content is checked.
  test('pins exactly the dependencies that were tested', () => {
    const tested = lockAt(join(root, 'package-lock.json')).packages;
    const { packages } = lockAt(join(installed, 'lifeboat', 'npm-shrinkwrap.json'));
    const pinned = Object.entries(packages).filter(([path]) => path !== '');
    expect(pinned.length).toBeGreaterThan(100);
    expect(pinned.filter(([path, { version }]) => tested[path]?.version !== version)).toEqual([]);
    expect(JSON.stringify(packages)).not.toContain('resolved');
  });

  test('backs up, lists, verifies and restores', () => {
    sql(join(folder, 'shop.db'), "create table t (v); insert into t values ('kept')");
    lifeboat('backup', 'shop.db');
    expect(lifeboat('list')).toContain('shop');
    lifeboat('verify', 'shop', '--read-data');
    const document = JSON.parse(lifeboat('restore', 'shop', '--to', 'back.db', '--json')) as {
      sha256: string;
    };
    expect(sha256(join(folder, 'back.db'))).toBe(document.sha256);
  });
});
