import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const FUNCTIONS = join(import.meta.dirname, '../../functions/index.ts');
const FRAMEWORK = '@google-cloud/functions-framework';
/** Each takes a tenth of a second of processor time or more, and only some commands need it. */
const HEAVY = [
  FRAMEWORK,
  '@google-cloud/pubsub',
  '@google-cloud/scheduler',
  '@google-cloud/storage',
  '@grpc/grpc-js',
  '@sendgrid/mail',
  'age-encryption',
  'google-auth-library',
  'nodemailer',
  'sql.js',
  'ssh2',
];
// Prints the packages that the process has loaded.
const HOOK = `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name !== undefined) packages.add(name);
      return next(url, context);
    },
  });
  process.on('exit', () => process.stderr.write(JSON.stringify([...packages])));
`;

const loadedPackages = async (args: readonly string[]): Promise<string[]> => {
  const cwd = folder();
  writeFileSync(join(cwd, 'hook.mjs'), HOOK);
  writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', './hook.mjs', ...args],
    { cwd, env: BARE },
  );
  return JSON.parse(stderr.slice(stderr.lastIndexOf('['))) as string[];
};

test(
  'list on a folder loads none of the packages that are slow to load',
  { timeout: 120_000 },
  async () => {
    const packages = await loadedPackages([MAIN, 'list', 'shop']);
    expect(packages).toContain('commander');
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual([]);
  },
);

test(
  'before its first request, a function has loaded only what logs and listens',
  { timeout: 120_000 },
  async () => {
    const packages = await loadedPackages([FUNCTIONS]);
    expect(packages).toContain(FRAMEWORK);
    // What pino brings, which writes the log, is small.
    const slow = [...HEAVY, 'zod', 'yaml', 'croner'].filter((name) => name !== FRAMEWORK);
    expect(packages.filter((name) => slow.includes(name))).toEqual([]);
  },
);
