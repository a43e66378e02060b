import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const files = ['core', 'cli', 'functions'].flatMap((folder) => {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
});
const source = (file: string): string => readFileSync(join(root, file), 'utf8');
const imports = (file: string): string[] =>
  [...source(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name ?? '');
const targets = (file: string): string[] =>
  imports(file).map((name) =>
    name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : name,
  );
const offenders = (from: RegExp, to: RegExp, except = /^$/): string[] =>
  files
    .filter((file) => from.test(file) && !except.test(file))
    .flatMap((file) =>
      targets(file)
        .filter((target) => to.test(target))
        .map((target) => `${file} -> ${target}`),
    );

describe('the architecture', () => {
  test('core knows no door, and doors do not know each other', () => {
    expect(offenders(/^core\//, /^(cli|functions)\//)).toEqual([]);
    expect(offenders(/^cli\//, /^functions\//)).toEqual([]);
    expect(offenders(/^functions\//, /^cli\//)).toEqual([]);
  });

  test('only the composition root names concrete adapters, so that operations stay independent of them', () => {
    const adapter =
      /^core\/(store\/(directory|gcs)|source\/(file|gs|https|ssh|open)|messages\/push|google\/\w+)(\.ts$|\/)/;
    expect(
      offenders(/^core\//, adapter, /^core\/(app\/adapters\.ts|store\/|source\/|google\/)/),
    ).toEqual([]);
    expect(
      offenders(
        /^core\//,
        /^core\/source\/(?!source\.ts)/,
        /^core\/(app\/adapters\.ts|source\/|google\/)/,
      ),
    ).toEqual([]);
    expect(
      offenders(
        /^core\//,
        /^core\/notify\/channel\/(email-|slack\.|telegram\.|webhook\.|open\.)/,
        /^core\/(app\/adapters\.ts|notify\/)/,
      ),
    ).toEqual([]);
    expect(
      offenders(/^(cli|functions)\//, /^core\/(store|source|google|notify\/(channel|message))\//),
    ).toEqual([]);
  });

  test('policy, the pages and the bytes of the archive are pure, so that they can be tested with values alone', () => {
    expect(
      offenders(
        /^core\/(schedule|status\/condition|catalog\/(chain|retention)|lib\/format)/,
        /^node:/,
      ),
    ).toEqual([]);
    // A page is a value of its data; the hash in its headers is one of its style sheet.
    expect(
      offenders(
        /^core\/status\/page\//,
        /^(node:|core\/app\/)/,
        /^core\/status\/page\/parts\/headers\.ts$/,
      ),
    ).toEqual([]);
    expect(offenders(/^core\/status\/page\/parts\/headers\.ts$/, /^node:(?!crypto$)/)).toEqual([]);
    expect(
      offenders(
        /^core\/(format\/(manifest|pages|frames)|sqlite\/header)\.ts$/,
        /^node:(fs|child_process|worker_threads|os|net|http)/,
      ),
    ).toEqual([]);
    const pure = files.filter((file) =>
      /^core\/(status\/(page|condition)|schedule|catalog\/(chain|retention)|lib\/format)/.test(
        file,
      ),
    );
    expect(
      pure.filter((file) => /Date\.now\(|new Date\(\)|Math\.random/.test(source(file))),
    ).toEqual([]);
  });

  test('the environment is read at the doors only, so that everything else is told what it needs', () => {
    expect(
      files.filter(
        (file) =>
          /process\.env/.test(source(file)) && !/^(cli\/main|functions\/index)\.ts$/.test(file),
      ),
    ).toEqual([]);
  });

  test.each([
    ['sql.js', /^core\/sqlite\//],
    ['age-encryption', /^core\/format\//],
    ['commander', /^cli\//],
    ['hash-wasm', /^core\/lib\/crc32c\.ts$/],
    ['yaml', /^core\/config\//],
    ['@google-cloud/functions-framework', /^functions\//],
    ['@google-cloud/pubsub', /^core\/google\//],
    ['@sendgrid/mail', /^core\/notify\/channel\/email-sendgrid\.ts$/],
    ['nodemailer', /^core\/notify\/channel\/email-smtp\.ts$/],
    ['pino', /^core\/lib\/log\.ts$/],
    ['croner', /^core\/schedule\//],
    ['node:sqlite', /^core\/sqlite\//],
    ['@google-cloud/storage', /^core\/google\//],
    ['@google-cloud/scheduler', /^core\/google\//],
    ['@grpc/grpc-js', /^core\/google\//],
    ['ssh2', /^core\/source\//],
    ['google-auth-library', /^core\/google\//],
  ])('%s is imported in one place, so that it can be replaced there', (name, place) => {
    const importers = files.filter((file) =>
      imports(file).some((each) => each === name || each.startsWith(`${name}/`)),
    );
    expect(importers.length).toBeGreaterThan(0);
    expect(importers.filter((file) => !place.test(file))).toEqual([]);
  });

  test('no file is so long that it must hold two things', () => {
    expect(files.filter((file) => source(file).split('\n').length > 260)).toEqual([]);
  });
});
