import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { restoreCommand } from '../../../core/status/page/database/restore-command.ts';
import { shellWord } from '../../../core/lib/processes/shell.ts';
import { runCli } from '../../support/cli.ts';
import { folder } from '../../support/files.ts';

const ID = '20261124T030000Z-1a2b3c4d';
/** The words that a POSIX shell makes of a command. */
const words = (command: string): string[] =>
  execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('the command that restores', () => {
  test.each([
    [
      'shop',
      'gs://acme/lifeboat',
      `lifeboat restore shop --at ${ID} --to shop.sqlite3 --store gs://acme/lifeboat`,
    ],
    [
      'shop',
      '/srv/my backups',
      `lifeboat restore shop --at ${ID} --to shop.sqlite3 --store '/srv/my backups'`,
    ],
    ['a b/c', 's', `lifeboat restore 'a b/c' --at ${ID} --to a_b_c.sqlite3 --store s`],
    [
      "it's $(rm -rf ~)",
      's',
      String.raw`lifeboat restore 'it'\''s $(rm -rf ~)' --at ${ID} --to it_s_rm_-rf_.sqlite3 --store s`,
    ],
    ['-rf', 's', `lifeboat restore --at ${ID} --to rf.sqlite3 --store s -- '-rf'`],
    ['~', 's', `lifeboat restore '~' --at ${ID} --to restored.sqlite3 --store s`],
    ['..', 's', `lifeboat restore .. --at ${ID} --to restored.sqlite3 --store s`],
    ['日本', 's', `lifeboat restore '日本' --at ${ID} --to restored.sqlite3 --store s`],
    ['', 's', `lifeboat restore '' --at ${ID} --to restored.sqlite3 --store s`],
  ])('of %j in %j', (database, store, command) =>
    expect(restoreCommand(database, ID, store)).toBe(command),
  );

  test('is for a shell the very names', () => {
    const name = fc.string({
      unit: fc.constantFrom(
        'a',
        ' ',
        "'",
        '"',
        '$',
        '`',
        '\\',
        '\n',
        '*',
        '~',
        '!',
        '=',
        '-',
        ';',
        '&',
        'é',
      ),
    });
    const names = fc.sample(name, 80);
    expect(words(names.map(shellWord).join(' '))).toEqual(names);
  });

  test.each(['shop', '-rf', "it's $HOME", '--to'])(
    'is understood by the command line when the database is called %j',
    async (database) => {
      const cwd = folder();
      const [, ...args] = words(restoreCommand(database, ID, join(cwd, 'a store')));
      const { status, stderr } = await runCli(cwd, args);
      // Nothing is there to be restored; a word that was taken for something else would be 2, `usage`.
      expect([status, stderr]).toEqual([
        4,
        expect.stringContaining(`no backup ${ID} of ${database}`),
      ]);
    },
  );
});
