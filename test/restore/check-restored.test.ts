import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../core/format/manifest.ts';
import { checkRestored, type RestoreCheck } from '../../core/restore/check-restored.ts';
import { digestBeside } from '../../core/restore/write/digest-beside.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder, sha256 } from '../support/files.ts';

type Verdict = Manifest['inspection']['verdict'];

/** Only `integrity_check` finds that its index lacks every entry. */
const database = (): string => {
  const path = join(folder(), 'restored.db');
  sql(path, `${SMALL} create index by_name on tags(name)`);
  sql(
    path,
    "pragma writable_schema = on; update sqlite_schema set sql = 'create index by_name on tags(id)' where name = 'by_name'",
  );
  return path;
};

const check = async (
  path: string,
  depth: RestoreCheck,
  { verdict = 'ok', salvage = false }: { verdict?: Verdict; salvage?: boolean } = {},
) => {
  const backup = { sha256: sha256(path), salvage, inspection: { verdict } } as Manifest;
  const checks = await checkRestored(path, backup, depth, undefined);
  return checks.map(({ name, result }) => `${name} ${result}`);
};

describe('a restored file', () => {
  test('needs no more than its digest when the snapshot passed its inspection', async () => {
    expect(await check(database(), 'digest')).toEqual(['digest ok', 'header ok']);
  });

  test.each<[string, { verdict: Verdict; salvage: boolean }]>([
    ['a salvage copy', { verdict: 'failed', salvage: true }],
    ['an inconclusive backup', { verdict: 'inconclusive', salvage: false }],
  ])('is checked by quick_check at least when it is %s', async (_, backup) => {
    expect(await check(database(), 'digest', backup)).toEqual([
      'digest ok',
      'header ok',
      'integrity ok',
    ]);
  });

  test('is checked as thoroughly as --check says', async () => {
    const path = database();
    expect(await check(path, 'quick')).toEqual(['digest ok', 'header ok', 'integrity ok']);
    await expect(check(path, 'full')).rejects.toMatchObject({
      code: 'backup_damaged',
      message: 'the restored database fails its check: integrity',
    });
  });

  test('is restored in spite of a failed check when it is a salvage copy', async () => {
    expect(await check(database(), 'full', { verdict: 'failed', salvage: true })).toContain(
      'integrity failed',
    );
  });
});

test.each([1, 9 * 2 ** 20])('a file of %i bytes is digested while it is written', async (size) => {
  const path = join(folder(), 'file');
  writeFileSync(path, randomBytes(size));
  await using file = await open(path, 'r+');
  await using digest = digestBeside(file.fd, size);
  digest.readTo(size - 1);
  await file.write(Buffer.from([7]), 0, 1, size - 1);
  expect(await digest.finish()).toBe(sha256(path));
});
