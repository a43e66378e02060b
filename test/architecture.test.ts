import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The folders of `core`, from top to bottom: a folder imports only what stands below it, types included. */
const FOLDERS = [
  [
    'setup',
    'doctor, init and hook run where there is no usable configuration yet, so they open their own adapters',
  ],
  ['app', 'the composition root: the one place that builds what everything below is given'],
  ['status', 'shows what the other operations left behind, and changes nothing'],
  ['watch', 'judges what backups, copies and restore tests left behind'],
  ['backup', 'makes a backup, then has the copies brought up to date and expired backups deleted'],
  ['upkeep', 'verifies by decoding what a restore would decode'],
  ['restore', 'reads backups; restore tests are runs like backups'],
  ['runs', 'a run announces how it ended'],
  ['alerts', 'remembers in the state object what was sent'],
  ['state', 'rebuilds the state object from the catalog and the run records'],
  ['context.ts', 'names the ports that operations work with; whatever needs all of them is above'],
  ['space', 'room for a run, in memory, on the disk and in the store'],
  ['trigger', 'calls a deployment; knows the documents and messages, and no operation'],
  ['notify', 'messages and channels; knows nothing of what is announced'],
  ['source', 'pulls a database; gs:// sources download through google'],
  ['google', 'implements the ports of store, messages and schedule with the clients of Google'],
  ['messages', 'what travels through Pub/Sub and HTTP, and the port that publishes it'],
  ['catalog', 'manifests over a store, and the order of writes'],
  ['store', 'the port behind which backups are stored, and the folder store'],
  ['documents', 'the JSON that people, scripts and pages read; types without behaviour'],
  ['format', 'docs/format.md in code: bytes in, bytes out'],
  ['config', 'lifeboat.yaml; its values are checked by sqlite and schedule'],
  ['sqlite', 'snapshots and inspections in child processes'],
  ['schedule', 'cron expressions, freshness, and the port to Cloud Scheduler'],
  ['lib', 'what would be true in any other program'],
] as const;

const root = join(import.meta.dirname, '..');
const files = ['core', 'cli', 'functions'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`),
);
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

/** The position of the folder in the list; -1 for a file that is in none of them. */
const levelOf = (file: string): number => {
  const [, folder] = file.split('/');
  return FOLDERS.findIndex(([name]) => name === folder);
};

/** Files that reach each other by their imports, types included. */
const circles = (): string[][] => {
  const reached = new Map<string, Set<string>>();
  const from = (file: string): Set<string> => {
    const known = reached.get(file);
    if (known) return known;
    const all = new Set<string>();
    reached.set(file, all);
    const queue = targets(file);
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (all.has(next) || !files.includes(next)) continue;
      all.add(next);
      queue.push(...targets(next));
    }
    return all;
  };
  return files
    .filter((file) => from(file).has(file))
    .map((file) => [file, ...[...from(file)].filter((other) => from(other).has(file))]);
};

describe('the architecture', () => {
  test('the list of folders is complete, so that a new one gets a level and a reason', () => {
    const found = new Set(
      files.filter((file) => file.startsWith('core/')).map((file) => file.split('/')[1]),
    );
    expect(found).toEqual(new Set(FOLDERS.map(([name]) => name)));
  });

  test('imports in core point down, types included, so that no knot can grow', () => {
    const upward = files
      .filter((file) => file.startsWith('core/'))
      .flatMap((file) =>
        targets(file)
          .filter((target) => target.startsWith('core/') && levelOf(target) < levelOf(file))
          .map((target) => `${file} -> ${target}`),
      );
    expect(upward).toEqual([]);
  });

  test('no files import each other in a circle, so that each can be read on its own', () => {
    expect(circles()).toEqual([]);
  });

  test('core imports no entry point, and entry points do not import each other', () => {
    expect(offenders(/^core\//, /^(cli|functions)\//)).toEqual([]);
    expect(offenders(/^cli\//, /^functions\//)).toEqual([]);
    expect(offenders(/^functions\//, /^cli\//)).toEqual([]);
  });

  test('only the composition root names concrete adapters, so that operations stay independent of them', () => {
    const adapter =
      /^core\/(store\/directory\/|source\/(?!source\.ts)|messages\/push|google\/|notify\/channel\/)/;
    expect(
      offenders(
        /^core\//,
        adapter,
        /^core\/(app\/adapters\.ts|store\/|source\/|google\/|notify\/channel\/)/,
      ),
    ).toEqual([]);
    expect(
      offenders(/^(cli|functions)\//, /^core\/(store|source|google|notify\/(channel|message))\//),
    ).toEqual([]);
  });

  test('schedules, pages and the bytes of the format are pure, so that values alone test them', () => {
    const pure =
      /^core\/(schedule\/|status\/(page\/|condition)|catalog\/(chain|retention)\.|lib\/(format|text|time)\.)/;
    // The headers of a page name the hash of its style sheet, which is read from files of its own kind.
    const headers = /^core\/status\/page\/parts\/headers\.ts$/;
    const style = /^core\/status\/page\/style\/style\.ts$/;
    expect(offenders(pure, /^node:/, new RegExp(`${headers.source}|${style.source}`))).toEqual([]);
    expect(offenders(headers, /^node:(?!crypto$)/)).toEqual([]);
    expect(offenders(style, /^node:(?!fs$)/)).toEqual([]);
    expect(
      offenders(
        /^core\/(format\/(manifest|pages|frames)|sqlite\/header)\.ts$/,
        /^node:(fs|child_process|worker_threads|os|net|http)/,
      ),
    ).toEqual([]);
    expect(
      files.filter(
        (file) => pure.test(file) && /Date\.now\(|new Date\(\)|Math\.random/.test(source(file)),
      ),
    ).toEqual([]);
  });

  test('the environment is read at the entry points only, so that everything else is given what it needs', () => {
    expect(
      files.filter(
        (file) =>
          /process\.env/.test(source(file)) &&
          !/^(cli\/main|functions\/(index|job))\.ts$/.test(file),
      ),
    ).toEqual([]);
  });

  test.each([
    ['sql.js', /^core\/sqlite\//],
    ['age-encryption', /^core\/format\//],
    ['@scure/base', /^core\/format\//],
    ['commander', /^cli\//],
    ['hash-wasm', /^core\/lib\/bytes\/crc32c\.ts$/],
    ['yaml', /^core\/config\//],
    ['@google-cloud/functions-framework', /^functions\//],
    ['@google-cloud/pubsub', /^core\/google\//],
    ['@sendgrid/mail', /^core\/notify\/channel\/email-sendgrid\.ts$/],
    ['nodemailer', /^core\/notify\/channel\/email-smtp\.ts$/],
    ['pino', /^core\/lib\/log\/log\.ts$/],
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
    expect(files.filter((file) => source(file).split('\n').length > 300)).toEqual([]);
  });
});
