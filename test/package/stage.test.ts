import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { stage } from '../../scripts/package/stage.ts';
import { zipFolder } from '../../scripts/package/zip.ts';

const root = join(import.meta.dirname, '..', '..');
const temporary = mkdtempSync(join(tmpdir(), 'lifeboat-package-'));
afterAll(() => rmSync(temporary, { recursive: true }));
let count = 0;
const fresh = (): string => join(temporary, `${(count += 1)}`);

/** A substitute for the compiler. */
const written =
  (files: Record<string, string>) =>
  async (_root: string, folder: string): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
const FILES = {
  'dist/functions/index.js':
    "import { http } from '@google-cloud/functions-framework';\nimport '../core/a.js';\n",
  'dist/core/a.js': "import 'node:fs';\n",
};
const staged = async (files: Record<string, string> = FILES): Promise<string> => {
  const folder = fresh();
  await stage({ root, folder, build: written(files) });
  return folder;
};

describe('the staged folder', () => {
  test('contains compiled code, its own package.json and lock file, and no configuration', async () => {
    const folder = await staged();
    expect(readdirSync(folder).sort()).toEqual([
      '.npmrc',
      'dist',
      'package-lock.json',
      'package.json',
    ]);
    const own = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(own).toEqual({
      name: '@lifeboat-backup/lifeboat',
      version: project['version'],
      license: 'Apache-2.0',
      private: true,
      type: 'module',
      main: 'dist/functions/index.js',
      scripts: { 'gcp-build': '' },
      dependencies: project['dependencies'],
      engines: { node: '>=24' },
    });
  });

  test('contains nothing of an earlier one', async () => {
    const folder = await staged({ ...FILES, 'dist/core/old.js': '' });
    await stage({ root, folder, build: written(FILES) });
    expect(readdirSync(join(folder, 'dist', 'core'))).toEqual(['a.js']);
  });

  test.each([
    "export const JSON_TYPE = 'application/json';",
    "resolve('folder');",
    "import { type A } from './a.js';",
    "import { join } from 'path';",
    "const from = 'here';",
  ])('is not refused with %s', async (line) => {
    expect(readdirSync(await staged({ ...FILES, 'dist/core/a.js': `${line}\n` }))).toContain(
      'dist',
    );
  });

  test('is refused without an entry point', async () => {
    await expect(staged({ 'dist/core/a.js': '' })).rejects.toThrow(
      'dist/functions/index.js is missing',
    );
  });

  test.each([
    ["import { parse } from '@cdktn/hcl2json';", '@cdktn/hcl2json'],
    ["import fc from 'fast-check/x';", 'fast-check'],
    ["const a = await import('absent');", 'absent'],
    ["const b = require('@scope/name/deep.js');", '@scope/name'],
    ["export * from 'elsewhere';", 'elsewhere'],
    ["import {\n  a,\n  b,\n} from 'lines';", 'lines'],
    ["new URL(import.meta.resolve('resolved/x.wasm'));", 'resolved'],
  ])('is refused with %s, which would not be installed', async (line, name) => {
    await expect(staged({ ...FILES, 'dist/core/a.js': `${line}\n` })).rejects.toThrow(
      `dist/core/a.js imports ${name}, which is no production dependency`,
    );
  });
});

describe('the zip', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test('is the same for the same input, whatever the time, the time zone and the file modes', async () => {
    const digests: string[] = [];
    for (const [index, timeZone] of ['Asia/Kathmandu', 'America/Los_Angeles', 'UTC'].entries()) {
      process.env['TZ'] = timeZone;
      const folder = await staged(
        index === 0 ? FILES : Object.fromEntries(Object.entries(FILES).reverse()),
      );
      utimesSync(join(folder, 'package.json'), index * 1_000_000, index * 1_000_000);
      chmodSync(join(folder, 'package.json'), index === 0 ? 0o600 : 0o755);
      digests.push(await zipFolder(folder, join(temporary, `${index}.zip`)));
    }
    expect(new Set(digests).size).toBe(1);
    expect(readFileSync(join(temporary, '0.zip'))).toEqual(readFileSync(join(temporary, '2.zip')));
  });

  test('differs for other code, so that the functions are deployed again', async () => {
    const folder = await staged();
    const before = await zipFolder(folder, join(temporary, 'before.zip'));
    writeFileSync(join(folder, 'dist', 'core', 'a.js'), "import 'node:os';\n");
    expect(await zipFolder(folder, join(temporary, 'after.zip'))).not.toBe(before);
  });
});
