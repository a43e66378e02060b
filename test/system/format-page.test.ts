import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateKeys } from '../../core/format/keys.ts';
import { encodeManifest, type Manifest } from '../../core/format/manifest.ts';
import { testApp } from '../support/app.ts';
import { makeChain } from '../support/chain.ts';
import { folder, sha256 } from '../support/files.ts';
import { identityOf, keyOf } from '../support/known-identity.ts';
import { MANIFEST_CONTENT as content } from '../support/manifest-content.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'format.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text]) => text ?? '',
  );
const [applyScript = '', hmacScript = '', fingerprintScript = ''] = blocks('python');
const [settings = '', steps = ''] = blocks('sh');

/** Runs the commands of the page with other values in its first block. */
const follow = (store: string, id: string, identity: string): string => {
  const directory = folder();
  writeFileSync(join(directory, 'apply.py'), applyScript);
  const own = settings
    .replace('/path/to/backups', store)
    .replace('DATABASE=shop', 'DATABASE=notes')
    .replace(/ID=2026\S+/, `ID=${id}`)
    .replace('/path/to/identity.txt', identity);
  const said = execFileSync('/bin/sh', ['-eu', '-c', `${own}${steps}`], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(said).toContain('restored.sqlite3: OK');
  return join(directory, 'restored.sqlite3');
};

describe('docs/format.md', () => {
  test.each([['in the clear'], ['encrypted']])(
    'restores a full backup and three increments %s with only zstd, age and Python',
    async (how) => {
      const keys = await generateKeys();
      const cwd = folder();
      const encryption =
        how === 'encrypted' ? `encryption: { recipients: [${keys.recipient}] }` : '';
      writeFileSync(
        join(cwd, 'lifeboat.yaml'),
        `databases:\n  notes: { source: notes.db, ${encryption} }\n`,
      );
      writeFileSync(join(cwd, 'identity.txt'), `${keys.identity}\n`, { mode: 0o600 });
      const app = await testApp({ cwd, env: { TMPDIR: cwd, LIFEBOAT_KEY: keys.key } });
      const named = {
        ...app,
        backup: (_: string, options: Parameters<typeof app.backup>[1]) =>
          app.backup('notes', options),
      };
      const made = await makeChain(named);
      expect(made.map(({ kind }) => kind)).toEqual([
        'full',
        'incremental',
        'incremental',
        'incremental',
      ]);
      for (const { id, sha256: expected } of made)
        expect(sha256(follow(join(cwd, 'backups'), id, join(cwd, 'identity.txt')))).toBe(expected);
    },
  );

  test('checks the HMAC of a manifest and detects a change', async () => {
    const { key } = await generateKeys();
    const app = await testApp({ env: { LIFEBOAT_KEY: key } });
    const [full] = await makeChain(app);
    const path = app.at(`backups/databases/notes/${full?.id}/manifest.json`);
    const ask = () =>
      execFileSync('python3', ['-c', hmacScript, path, key], { encoding: 'utf8' }).trim();
    expect(ask()).toBe('right');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('"reason": "manual"', '"reason": "schedule"'),
    );
    expect(ask()).toBe('wrong');
  });

  test('checks the HMAC of a manifest whose tables sort differently by UTF-16 and by code point', async () => {
    const { key } = await generateKeys();
    const path = join(folder(), 'manifest.json');
    const inspection = { ...content.inspection, tables: { '\u{1F600}': 1, '\uFF5A': 2 } };
    writeFileSync(path, encodeManifest({ ...content, inspection }, Buffer.from(key, 'hex')));
    const answer = execFileSync('python3', ['-c', hmacScript, path, key], { encoding: 'utf8' });
    expect(answer.trim()).toBe('right');
  });

  test.each([
    ['plain', 'plain'],
    ['keyed by an older version', 'encrypted'],
    ['keyed and numbered', 'numbered'],
  ])('computes the fingerprints of a backup, %s', async (_, kind) => {
    const phrase = 'lifeboat test vector';
    const [cwd, key] = [folder(), keyOf(phrase)];
    const store = join(cwd, 'backups');
    cpSync(join(import.meta.dirname, '..', 'vectors', 'v1', kind), store, { recursive: true });
    writeFileSync(join(cwd, 'identity.txt'), identityOf(phrase));
    const id =
      readdirSync(join(store, 'databases', 'notes'))
        .sort()
        .at(-1) ?? '';
    const restored = follow(store, id, join(cwd, 'identity.txt'));
    const path = join(store, 'databases', 'notes', id, 'manifest.json');
    const { objects } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    const object = objects.find(({ role }) => role === 'fingerprints')?.key ?? '';
    const prints = execFileSync('python3', ['-c', fingerprintScript, path, key, restored]);
    expect(prints).toEqual(readFileSync(join(store, object)));
  });
});
