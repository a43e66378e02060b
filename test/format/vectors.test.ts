import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RESTORE, testApp } from '../support/app.ts';
import { folder, sha256 } from '../support/files.ts';
import { identityOf, keyOf } from '../support/known-identity.ts';

const home = join(import.meta.dirname, '..', 'vectors');
const vectors = readdirSync(home).flatMap((version) =>
  readdirSync(join(home, version))
    .filter((name) => name.endsWith('.json'))
    .map((name) => [version, name.replace('.json', '')] as const),
);

test('there are vectors of version 1', () => {
  expect(vectors).toEqual([
    ['v1', 'encrypted'],
    ['v1', 'keyed'],
    ['v1', 'numbered'],
    ['v1', 'plain'],
  ]);
});

test.each(vectors)(
  'every backup of the frozen store %s/%s still restores, byte for byte',
  async (version, kind) => {
    const cwd = folder();
    cpSync(join(home, version, kind), join(cwd, 'backups'), { recursive: true });
    const phrase = 'lifeboat test vector';
    const env = {
      TMPDIR: cwd,
      ...(kind === 'plain' ? {} : { LIFEBOAT_KEY: keyOf(phrase) }),
      ...(kind === 'encrypted' || kind === 'numbered'
        ? { LIFEBOAT_IDENTITY: identityOf(phrase) }
        : {}),
    };
    // The store's clock stands still, or what it holds would expire.
    const app = await testApp({
      cwd,
      env,
      overrides: { now: () => new Date('2026-11-24T00:00:00Z') },
    });
    const expected = JSON.parse(
      readFileSync(join(home, version, `${kind}.json`), 'utf8'),
    ) as Record<string, string>;
    expect((await app.list('notes')).map(({ id }) => id).sort()).toEqual(
      Object.keys(expected).sort(),
    );
    expect((await app.verify('notes', { readData: true })).backups.every(({ ok }) => ok)).toBe(
      true,
    );
    for (const [id, sum] of Object.entries(expected)) {
      await app.restore('notes', { ...RESTORE, at: id, to: `${id}.db` });
      expect(sha256(join(cwd, `${id}.db`))).toBe(sum);
    }
  },
);
