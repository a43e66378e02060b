import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
const run = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [main, 'doctor', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...BARE, TMPDIR: cwd },
  });

describe('lifeboat doctor', () => {
  test('ends with 0 where there is no fault, and prints a line for each thing', () => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    writeFileSync(join(cwd, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
    const { status, stdout } = run(cwd, '--json');
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        ok: true,
        findings: expect.arrayContaining([
          { check: 'source', about: 'shop', result: 'ok', detail: expect.any(String), hint: '' },
        ]),
      },
    ]);
    expect(run(cwd).stdout).toMatch(
      /^CHECK +RESULT\nconfiguration +ok[^]*\nsource +ok +shop: [^]*\nschedule +warning +shop: /,
    );
  });
});
