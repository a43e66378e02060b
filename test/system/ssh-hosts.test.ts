import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { countIn, privateFolder, pulled } from '../contract/source.ts';
import { SMALL, sql } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';
import { homeOf, mountTmpfs, sqlAs } from '../support/root.ts';
import { sourceOn, startSshd } from '../support/sshd.ts';
import { lockInOtherProcess } from '../support/writer.ts';

// Needs root to create files of other users and to mount file systems.
const APPLICATION = 12_345;
const TOOLS = [
  'sh',
  'bash',
  'stat',
  'readlink',
  'id',
  'df',
  'awk',
  'mktemp',
  'rm',
  'cp',
  'cat',
  'od',
  'tr',
  'sed',
  'grep',
  'sleep',
  'head',
  'tail',
  'date',
  'ps',
  'find',
];

/** A PATH with only these programs. */
const pathWith = (...programs: string[]): string => {
  const path = folder();
  for (const name of programs) {
    const found = ['/usr/bin', '/bin']
      .map((place) => join(place, name))
      .find((each) => existsSync(each));
    if (found) symlinkSync(found, join(path, name));
  }
  return path;
};
const script = (path: string, name: string, text: string): void => {
  writeFileSync(join(path, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(path, name), 0o755);
};
const small = (): string => {
  const path = join(folder(), 'app.db');
  sql(path, SMALL);
  return path;
};
const expectFails = async (
  source: ReturnType<typeof sourceOn>,
  code: string,
): Promise<{ message: string; hint: string }> => {
  const directory = privateFolder();
  const error: unknown = await source
    .pull({ directory, busyTimeoutMs: 1000 })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/\.$/) });
  expect(readdirSync(directory)).toEqual([]);
  return error as { message: string; hint: string };
};

describe('a hostile path', () => {
  test.each([
    ['spaces', 'a  b .db'],
    ['quotes', `it's "quoted".db`],
    ['a line break at the end', 'two\nlines.db\n'],
    ['shell syntax', '$(touch ran)`touch ran`;touch ran&.db'],
    ['URI syntax', '50%25?mode=rw#x.db'],
    ['a leading dash', '-rf.db'],
    ['non-ASCII letters', 'ção 数.db'],
    ['a backslash', String.raw`a\nb\.db`],
  ])('with %s is the name of a file, and nothing else', async (_, name) => {
    const home = folder();
    const sshd = await startSshd();
    for (const mode of ['wal', 'delete']) {
      const path = join(home, name);
      sql(
        join(home, 'plain.db'),
        `drop table if exists notes; drop table if exists tags; pragma journal_mode = ${mode}; ${SMALL}`,
      );
      renameSync(join(home, 'plain.db'), path);
      const before = fingerprint(home);
      expect(
        countIn(
          pulled(await sourceOn(sshd, path).pull({ directory: privateFolder() })).path,
          'notes',
        ),
      ).toBe(400);
      expect(fingerprint(home)).toEqual(before);
      renameSync(path, join(home, 'plain.db'));
    }
    symlinkSync(join(home, name), join(home, 'link'));
    renameSync(join(home, 'plain.db'), join(home, name));
    expect(
      countIn(
        pulled(await sourceOn(sshd, join(home, 'link')).pull({ directory: privateFolder() })).path,
        'notes',
      ),
    ).toBe(400);
    expect(readdirSync(home).filter((each) => each === 'ran')).toEqual([]);
    expect(await sshd.leftovers()).toEqual([]);
  });
});

const leaveBehind = (home: string, mode: string, change: string): void => {
  const live = join(folder(), 'live.db');
  sql(live, `pragma journal_mode = ${mode}; ${SMALL}`);
  const db = new DatabaseSync(live, { enableForeignKeyConstraints: false });
  db.exec(change);
  for (const suffix of ['', '-wal', '-journal']) {
    if (!existsSync(`${live}${suffix}`)) continue;
    copyFileSync(`${live}${suffix}`, join(home, `app.db${suffix}`));
    chownSync(join(home, `app.db${suffix}`), APPLICATION, APPLICATION);
  }
  db.close();
};

describe('a database of another user', () => {
  test.each([
    [
      'an idle WAL',
      (home: string) =>
        sqlAs(APPLICATION, join(home, 'app.db'), `pragma journal_mode = wal; ${SMALL}`),
      400,
    ],
    ['an idle rollback', (home: string) => sqlAs(APPLICATION, join(home, 'app.db'), SMALL), 400],
    [
      'a leftover WAL',
      (home: string) =>
        leaveBehind(home, 'wal', 'pragma wal_autocheckpoint = 0; delete from notes where id > 300'),
      300,
    ],
    [
      'a hot journal',
      (home: string) =>
        leaveBehind(home, 'delete', "pragma cache_size = 2; begin; update notes set body = 'half'"),
      400,
    ],
  ])(
    'with %s is pulled and not changed, and the application can still write',
    async (_, make, notes) => {
      const home = homeOf(APPLICATION);
      make(home);
      const before = fingerprint(home);
      const sshd = await startSshd();
      const { path } = pulled(
        await sourceOn(sshd, join(home, 'app.db')).pull({ directory: privateFolder() }),
      );
      expect([countIn(path, 'notes'), countIn(path, "notes where body = 'half'")]).toEqual([
        notes,
        0,
      ]);
      expect(fingerprint(home)).toEqual(before);
      expect(await sshd.leftovers()).toEqual([]);
      sqlAs(APPLICATION, join(home, 'app.db'), "insert into notes (body) values ('still at work')");
    },
  );
});

describe('a file that cannot be pulled', () => {
  test('has its own error: a folder, a device, a truncated, extended or locked file', async () => {
    const sshd = await startSshd();
    await expectFails(sourceOn(sshd, folder()), 'source_invalid');
    await expectFails(sourceOn(sshd, '/dev/null'), 'source_invalid');
    const [cut, longer, locked] = [small(), small(), small()];
    const whole = statSync(cut).size;
    const { truncateSync, appendFileSync } = await import('node:fs');
    truncateSync(cut, whole - 4096);
    expect((await expectFails(sourceOn(sshd, cut), 'source_invalid')).message).toContain('pages');
    appendFileSync(longer, Buffer.alloc(4096));
    await expectFails(sourceOn(sshd, longer), 'source_invalid');
    const release = await lockInOtherProcess(locked);
    await expectFails(sourceOn(sshd, locked), 'source_busy');
    release();
    expect(await sshd.leftovers()).toEqual([]);
  });
});

describe('a host', () => {
  test.each([
    ['with gzip but no zstd', ['sqlite3', 'gzip', 'sha256sum']],
    ['without a program for SHA-256', ['sqlite3', 'gzip']],
    ['with only openssl', ['sqlite3', 'openssl']],
  ])('%s will do', async (_, programs) => {
    const sshd = await startSshd({ path: pathWith(...TOOLS, ...programs) });
    expect(
      countIn(
        pulled(await sourceOn(sshd, small()).pull({ directory: privateFolder() })).path,
        'notes',
      ),
    ).toBe(400);
    expect(await sshd.leftovers()).toEqual([]);
  });

  test('without sqlite3 is source_unreachable, and the hint says how to install it', async () => {
    const sshd = await startSshd({ path: pathWith(...TOOLS, 'gzip') });
    expect((await expectFails(sourceOn(sshd, small()), 'source_unreachable')).hint).toContain(
      'apt-get install sqlite3',
    );
    expect(await sshd.leftovers()).toEqual([]);
  });

  test.each([
    ['3.6.20', 'too old'],
    ['2.8.17', 'too old'],
  ])('with sqlite3 %s is told that it is %s', async (version, text) => {
    const path = pathWith(...TOOLS, 'gzip');
    script(path, 'sqlite3', `echo '${version} 2009-11-04'`);
    expect(
      (await expectFails(sourceOn(await startSshd({ path }), small()), 'source_unreachable'))
        .message,
    ).toContain(text);
  });

  test('whose engine does not know the schema does not report damage', async () => {
    const path = pathWith(...TOOLS, 'gzip');
    script(
      path,
      'sqlite3',
      `[ "$1" = -version ] && { echo 3.22.0; exit; }; cat >/dev/null; echo 'Error: near line 3: malformed database schema (t) - near "STRICT": syntax error' >&2; exit 1`,
    );
    expect(
      (await expectFails(sourceOn(await startSshd({ path }), small()), 'source_invalid')).hint,
    ).toContain('install a newer one on 127.0.0.1');
  });

  test('whose login shell prints a greeting works', async () => {
    const path = pathWith(...TOOLS, 'sqlite3', 'gzip', 'sha256sum');
    const home = folder();
    writeFileSync(join(home, 'rc'), 'echo "Welcome! @0 data gzip 5"; echo "last login" >&2\n');
    const { execFileSync } = await import('node:child_process');
    execFileSync('rm', [join(path, 'sh')]);
    // Instead of a profile, this wrapper runs before every command.
    const sshd = await startSshd({ path, wrapper: `. ${home}/rc; exec /bin/sh` });
    expect(
      countIn(
        pulled(await sourceOn(sshd, small()).pull({ directory: privateFolder() })).path,
        'notes',
      ),
    ).toBe(400);
  });

  test('that runs another program is source_unreachable, and the error shows its output', async () => {
    const sshd = await startSshd({ wrapper: 'echo This account is not available. >&2; exit 1' });
    expect((await expectFails(sourceOn(sshd, small()), 'source_unreachable')).message).toContain(
      'not available',
    );
  });

  test('without room for the copy is insufficient_space before copying starts', async () => {
    const temporary = mountTmpfs(2);
    const path = join(folder(), 'shop.db');
    createShop(path, 8 * 2 ** 20);
    const sshd = await startSshd({ temporary, path: pathWith(...TOOLS, 'sqlite3', 'gzip') });
    const { copyFileSync: copy } = await import('node:fs');
    copy(path, `${path}.2`);
    // /var/tmp is the second choice and has room here.
    expect(
      countIn(
        pulled(await sourceOn(sshd, path).pull({ directory: privateFolder() })).path,
        'orders',
      ),
    ).toBeGreaterThan(0);
    const tools = pathWith(...TOOLS.filter((name) => name !== 'df'), 'sqlite3', 'gzip');
    script(tools, 'df', 'echo Filesystem; echo "tmpfs 2048 48 2000 3% /tmp"');
    const full = await startSshd({ temporary, path: tools });
    expect((await expectFails(sourceOn(full, path), 'insufficient_space')).message).toMatch(
      /needs [\d.]+ MiB on 127\.0\.0\.1, but .* only 2 MiB free/,
    );
    expect(await full.leftovers()).toEqual([]);
  });
});

test('the folder of the copy is private, and the process list shows neither its name nor the script', async () => {
  const path = join(folder(), 'shop.db');
  createShop(path, 40 * 2 ** 20);
  const sshd = await startSshd();
  mkdirSync(join(sshd.temporary, 'other'), { recursive: true });
  const modes = new Set<string>();
  const watching = setInterval(() => {
    for (const name of readdirSync(sshd.temporary).filter((each) =>
      each.startsWith('lifeboat-ssh'),
    ))
      for (const each of ['', 'copy']) {
        const found = statSync(join(sshd.temporary, name, each), { throwIfNoEntry: false });
        if (found) modes.add(`${each} ${(found.mode & 0o777).toString(8)}`);
      }
  }, 2);
  await sourceOn(sshd, path).pull({ directory: privateFolder() });
  clearInterval(watching);
  expect([...modes].sort()).toEqual([' 700', 'copy 600']);
});
