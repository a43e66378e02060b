import { existsSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backupAll, backupAllError } from '../../core/app/backup-all.ts';
import { interrupted } from '../../core/lib/errors.ts';
import { startChannels } from '../support/channels.ts';
import { runCli } from '../support/cli.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const configured = (yaml: string, ...databases: string[]): string => {
  const cwd = folder();
  for (const name of databases) sql(join(cwd, `${name}.db`), SMALL);
  writeFileSync(join(cwd, 'lifeboat.yaml'), yaml);
  return cwd;
};
const THREE =
  'databases: { a: { source: a.db }, gone: { source: gone.db }, c: { source: c.db } }\n';

describe('lifeboat backup --reason schedule', () => {
  test.each([
    ['alerts the channels', ['--reason', 'schedule'], 1],
    ['alerts nobody with --no-notify', ['--reason', 'schedule', '--no-notify'], 0],
    ['is the only reason that alerts by default', ['--reason', 'pre-deploy'], 0],
    ['is not needed with --notify', ['--notify'], 1],
  ])('%s', async (_, flags, count) => {
    const channels = await startChannels();
    const cwd = configured(`databases: { shop: { source: shop.db } }\n${channels.yaml}`);
    const { status } = await runCli(cwd, ['backup', 'shop', ...flags], channels.env);
    expect([status, channels.counts()]).toEqual([3, [count, count, count, count]]);
  });

  test('does not complain on each run that there is no channel', async () => {
    const cwd = configured('databases: { shop: { source: shop.db } }\n', 'shop');
    const args = ['backup', 'shop', '--reason', 'schedule', '--quiet'];
    expect(await runCli(cwd, args)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('lifeboat backup --all', () => {
  test('backs up every database although one fails, and exits with its status', async () => {
    const cwd = configured(THREE, 'a', 'c');
    const { status, stdout } = await runCli(cwd, ['backup', '--all', '--json']);
    expect([status, JSON.parse(stdout)]).toMatchObject([
      3,
      {
        ok: false,
        databases: [
          { ok: true, database: 'a', kind: 'full', verdict: 'ok' },
          { ok: false, database: 'gone', error: { code: 'source_unreachable' } },
          { ok: true, database: 'c' },
        ],
        error: {
          code: 'source_unreachable',
          message: '1 of 3 databases have no new backup: gone',
        },
      },
    ]);
  });

  test('names the database in each line, and exits with 0 when all are backed up', async () => {
    const cwd = configured(THREE, 'a', 'gone', 'c');
    const { status, stdout } = await runCli(cwd, ['backup', '--all']);
    expect(status).toBe(0);
    expect(stdout.match(/^\w+: /gm)).toEqual(['a: ', 'gone: ', 'c: ']);
    unlinkSync(join(cwd, 'gone.db'));
    expect((await runCli(cwd, ['backup', '--all', '--quiet'])).stderr).toMatch(/error: gone: /);
  });

  test('an interrupt ends it, and the databases after it are not listed', async () => {
    const names: string[] = [];
    const databases = { a: {}, b: {}, c: {} } as never;
    const outcomes = await backupAll(
      {
        config: { databases } as never,
        backup: async (database) => {
          names.push(database);
          if (database === 'b') throw interrupted();
          return { database } as never;
        },
      },
      { kind: 'auto', reason: 'manual' },
      () => undefined,
    );
    expect([names, outcomes.map(({ ok }) => ok)]).toEqual([
      ['a', 'b'],
      [true, false],
    ]);
    expect(backupAllError(outcomes, 3)).toMatchObject({ code: 'interrupted', exit: 130 });
  });

  test.each([
    ['neither a database nor --all', []],
    ['a database', ['shop', '--all']],
    ['--accept', ['--all', '--accept']],
    ['--expect-migration', ['--all', '--expect-migration', 'shop.0001']],
    ['no configured database', ['--all']],
  ])('is refused with %s, and nothing is written', async (_, args) => {
    const cwd = folder();
    const { status, stdout } = await runCli(cwd, ['backup', ...args, '--json']);
    expect([status, JSON.parse(stdout).error.code]).toEqual([2, 'usage']);
    expect(existsSync(join(cwd, 'backups'))).toBe(false);
  });
});

describe('a path of a configured database', () => {
  test.each([['shop.db'], ['./shop.db'], ['link/shop.db']])(
    '%s continues its history, and the result says so',
    async (path) => {
      const cwd = configured('databases: { orders: { source: shop.db } }\n', 'shop');
      symlinkSync('.', join(cwd, 'link'));
      await runCli(cwd, ['backup', 'orders']);
      const { stdout } = await runCli(cwd, ['backup', path]);
      expect(stdout).toContain(`${path} is the database orders of lifeboat.yaml.\n`);
      expect(
        JSON.parse((await runCli(cwd, ['list', path, '--json'])).stdout).backups,
      ).toMatchObject([{ database: 'orders' }, { database: 'orders' }]);
    },
  );

  test('another file keeps its own history', async () => {
    const cwd = configured('databases: { orders: { source: shop.db } }\n', 'shop');
    mkdirSync(join(cwd, 'other'));
    sql(join(cwd, 'other/shop.db'), SMALL);
    const { stdout } = await runCli(cwd, ['backup', 'other/shop.db', '--json']);
    expect(JSON.parse(stdout).database).toBe('shop');
  });
});
