import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startBackupNow, lines, html, MADE } from '../fakes/backup-now.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** A repository with one commit, a bare one to push to, a `lifeboat` command and a database. */
const repository = () => {
  const base = folder();
  const work = join(base, 'my shop');
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: base,
    GIT_CONFIG_NOSYSTEM: '1',
    TMPDIR: base,
    METADATA_SERVER_DETECTION: 'none',
  };
  const run = (
    command: string,
    args: readonly string[],
    more: Record<string, string> = {},
    cwd = work,
  ) => {
    const { status, stdout, stderr } = spawnSync(command, [...args], {
      cwd,
      encoding: 'utf8',
      env: { ...env, ...more },
    });
    return { status, said: stdout + stderr };
  };
  const git = (...args: string[]) => {
    const { status, said } = run('git', args);
    expect(status, said).toBe(0);
    return said.trim();
  };
  mkdirSync(work);
  git('init', '-q', '-b', 'main');
  for (const [name, value] of [
    ['user.name', 'A'],
    ['user.email', 'a@example.com'],
  ] as const)
    git('config', name, value);
  git('init', '-q', '-b', 'main', '--bare', '../remote.git');
  git('remote', 'add', 'origin', '../remote.git');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  sql(join(work, 'shop.db'), SMALL);
  writeFileSync(join(work, 'lifeboat.yaml'), 'databases: { shop: { source: shop.db } }\n');
  const lifeboat = (args: readonly string[], cwd = work) =>
    run(process.execPath, [main, ...args], {}, cwd);
  const install = (...args: string[]) => {
    const { status, said } = lifeboat(['install-hook', 'pre-push', ...args]);
    expect(status, said).toBe(0);
    return said;
  };
  /** Makes a commit and pushes it, as a GUI client does: with a bare PATH and no terminal. */
  const push = (more: Record<string, string> = {}, ...args: string[]) => {
    git('commit', '-q', '--allow-empty', '-m', 'another');
    return run('git', ['push', '-q', ...args, 'origin', 'main'], more);
  };
  const pushed = () =>
    git('rev-parse', 'main') ===
    run('git', ['--git-dir=../remote.git', 'rev-parse', 'main']).said.trim();
  const backups = (): { reason: string }[] =>
    (JSON.parse(lifeboat(['list', 'shop', '--json']).said) as { backups: { reason: string }[] })
      .backups;
  const script = (path: string, text: string, mode = 0o755) => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
  };
  /** A substitute for lifeboat that records its arguments. */
  const stub = (status = 0) => {
    script(
      join(base, 'stub'),
      `#!/bin/sh\necho "$*" >> '${base}/calls'\ncat >> '${base}/calls'\nexit ${status}\n`,
    );
    return ['--command', join(base, 'stub'), '--database', 'shop'];
  };
  const calls = () =>
    existsSync(join(base, 'calls')) ? readFileSync(join(base, 'calls'), 'utf8') : '';
  const hook = join(work, '.git/hooks/pre-push');
  return {
    base,
    work,
    env,
    run,
    git,
    lifeboat,
    install,
    push,
    pushed,
    backups,
    script,
    stub,
    calls,
    hook,
  };
};

describe('the pre-push hook', () => {
  test('backs up every configured database, also one added later, and then continues the push', () => {
    const { work, install, push, pushed, backups, lifeboat } = repository();
    expect(install()).toContain('backs up before each push.\n');
    const { status, said } = push();
    expect([status, pushed(), backups().map(({ reason }) => reason)], said).toEqual([
      0,
      true,
      ['pre-push'],
    ]);
    expect(said).toMatch(/shop: \S+ {2}full, every page/);
    sql(join(work, 'wiki.db'), SMALL);
    writeFileSync(
      join(work, 'lifeboat.yaml'),
      'databases: { shop: { source: shop.db }, wiki: { source: wiki.db } }\n',
    );
    expect(push().said).toContain('wiki: ');
    expect(lifeboat(['list', 'wiki']).said).toContain('full');
  });

  test('stops the push with the reason when the backup fails; --no-verify and LIFEBOAT_SKIP=1 push without one', () => {
    const { work, install, push, pushed, backups } = repository();
    install('--database', 'shop');
    writeFileSync(join(work, 'shop.db'), 'this is no database'.repeat(100));
    const { status, said } = push();
    expect([status, pushed()]).toEqual([1, false]);
    for (const part of [
      'error: ',
      'hint: ',
      'push stopped',
      'git push --no-verify',
      'LIFEBOAT_SKIP=1',
    ])
      expect(said).toContain(part);
    expect(push({ LIFEBOAT_SKIP: '1' })).toMatchObject({
      status: 0,
      said: expect.stringContaining('pushing without a backup'),
    });
    expect([pushed(), push({}, '--no-verify').status, pushed(), backups()]).toEqual([
      true,
      0,
      true,
      [],
    ]);
  });

  test('backs up a file by its path without a configuration, also from a subfolder', () => {
    const { work, push, lifeboat } = repository();
    const below = join(work, 'below');
    mkdirSync(below);
    writeFileSync(join(work, 'lifeboat.yaml'), '');
    const { status, said } = lifeboat(
      ['install-hook', 'pre-push', '--database', '../shop.db', '--store', 'kept'],
      below,
    );
    expect(status, said).toBe(0);
    expect(push().status).toBe(0);
    expect(lifeboat(['list', 'shop', '--store', 'below/kept']).said).toContain('full');
  });

  test('calls the function with --url and stops the push when it refuses', async () => {
    const { work, env, git, install, pushed } = repository();
    const { url, asked } = await startBackupNow(lines({ ok: true, ...MADE }), html(404));
    install('--url', url, '--database', 'shop');
    // The fake responds in this process, which must not block on git.
    const push = async (): Promise<number> => {
      git('commit', '-q', '--allow-empty', '-m', 'another');
      const [status] = (await once(
        spawn('git', ['push', '-q', 'origin', 'main'], { cwd: work, env, stdio: 'ignore' }),
        'close',
      )) as [number];
      return status;
    };
    expect([await push(), pushed(), asked]).toMatchObject([
      0,
      true,
      [{ body: { database: 'shop', reason: 'pre-push' } }],
    ]);
    expect([await push(), pushed(), asked.length]).toEqual([1, false, 2]);
  });

  test('fails the push with a hint when the program is gone and lifeboat is not in PATH; a lifeboat in PATH is enough', () => {
    const { base, hook, install, push, pushed, script, calls } = repository();
    install('--database', 'shop');
    const text = readFileSync(hook, 'utf8');
    writeFileSync(
      hook,
      text.replaceAll(main, '/gone/main.js').replaceAll(process.execPath, '/gone/node'),
    );
    const { status, said } = push();
    expect([status, pushed()]).toEqual([1, false]);
    expect(said).toMatch(/\/gone\/main\.js is gone[^]*lifeboat install-hook pre-push/);
    script(join(base, 'bin/lifeboat'), `#!/bin/sh\necho "$*" >> '${base}/calls'\n`);
    expect(push({ PATH: `${base}/bin:/usr/bin:/bin` }).status).toBe(0);
    expect(calls()).toMatch(
      /^backup shop --reason pre-push --config .*\/my shop\/lifeboat\.yaml\n$/,
    );
  });
});

describe('an existing hook', () => {
  const ECHO = (base: string, shebang: string) =>
    `${shebang}\nset -eu\necho "$0 $1" > '${base}/seen'\ncat >> '${base}/seen'\n`;
  const seen = (base: string) => readFileSync(join(base, 'seen'), 'utf8');

  test.each(['#!/bin/sh', '#!/usr/bin/env bash'])(
    'that is a script (%s) still gets its input and arguments, after the backup',
    (shebang) => {
      const { base, hook, install, push, pushed, script, stub, calls, lifeboat } = repository();
      const text = ECHO(base, shebang);
      script(hook, text);
      expect(install(...stub())).toContain('The existing hook runs after the backup');
      expect([push().status, pushed()]).toEqual([0, true]);
      expect(calls()).toBe('backup shop --reason pre-push\n');
      expect(seen(base)).toMatch(
        /hooks\/pre-push origin\nrefs\/heads\/main [0-9a-f]{40} refs\/heads\/main [0-9a-f]{40}\n/,
      );
      expect(install(...stub())).toContain('replaces the older version');
      expect(push().status).toBe(0);
      expect(calls()).toBe('backup shop --reason pre-push\n'.repeat(2));
      expect(lifeboat(['install-hook', 'pre-push', '--remove']).said).toContain(
        'your own hook stays',
      );
      expect(readFileSync(hook, 'utf8')).toBe(text);
    },
  );

  test('that is not a shell script is moved aside and called with input, arguments and exit status', () => {
    const { base, hook, install, push, pushed, script, stub, calls, lifeboat } = repository();
    const text = `#!/usr/bin/env python3\nimport sys\nopen('${base}/seen', 'w').write(sys.argv[1] + sys.stdin.read())\nsys.exit(7)\n`;
    script(hook, text);
    expect(install(...stub())).toContain('The existing hook was kept');
    expect(push().status).not.toBe(0);
    expect([pushed(), calls(), seen(base)]).toEqual([
      false,
      'backup shop --reason pre-push\n',
      expect.stringMatching(/^originrefs\/heads\/main /),
    ]);
    expect(spawnSync(hook, ['origin'], { input: '' }).status).toBe(7);
    install(...stub());
    const ours = readFileSync(hook, 'utf8');
    writeFileSync(hook, `${ours}echo mine\n`);
    expect(lifeboat(['install-hook', 'pre-push', '--remove'])).toMatchObject({
      status: 2,
      said: expect.stringContaining('contains lines that Lifeboat did not write'),
    });
    expect(readFileSync(hook, 'utf8')).toContain('echo mine');
    writeFileSync(hook, ours);
    expect(lifeboat(['install-hook', 'pre-push', '--remove']).status).toBe(0);
    expect([
      readFileSync(hook, 'utf8'),
      statSync(hook).mode & 0o777,
      existsSync(`${hook}.before-lifeboat`),
    ]).toEqual([text, 0o755, false]);
  });

  test('that is not executable stays so, and a symbolic link stays one', () => {
    const one = repository();
    one.script(one.hook, '#!/bin/sh\nexit 9\n', 0o644);
    one.install(...one.stub());
    expect(one.push().status).toBe(0);
    const two = repository();
    two.script(join(two.work, 'check'), '#!/bin/sh\nexit 9\n');
    mkdirSync(join(two.hook, '..'), { recursive: true });
    symlinkSync('../../check', two.hook);
    two.install(...two.stub());
    expect(two.push().status).not.toBe(0);
    expect([two.calls(), readFileSync(join(two.work, 'check'), 'utf8')]).toEqual([
      expect.stringContaining('shop'),
      '#!/bin/sh\nexit 9\n',
    ]);
  });

  test('does not run when the backup fails', () => {
    const { base, hook, install, push, pushed, script, stub } = repository();
    script(hook, ECHO(base, '#!/bin/sh'));
    install(...stub(3));
    expect([push().status, pushed(), existsSync(join(base, 'seen'))]).toEqual([1, false, false]);
  });

  test('that was added after ours is not lost: with two hooks to keep, nothing is changed', () => {
    const { hook, install, script, stub, lifeboat } = repository();
    script(hook, '#!/usr/bin/env python3\n');
    install(...stub());
    script(hook, '#!/usr/bin/env python3\n# another\n');
    const { status, said } = lifeboat(['install-hook', 'pre-push', ...stub()]);
    expect([status, said]).toEqual([2, expect.stringContaining('two hooks to keep')]);
    expect(readFileSync(hook, 'utf8')).toContain('another');
  });
});

describe('the place of the hook', () => {
  test('follows core.hooksPath, relative to the top level, also from a subfolder', () => {
    const { work, git, push, stub, calls, lifeboat } = repository();
    git('config', 'core.hooksPath', '.githooks');
    mkdirSync(join(work, 'below'));
    const { status, said } = lifeboat(['install-hook', 'pre-push', ...stub()], join(work, 'below'));
    expect(status, said).toBe(0);
    expect([existsSync(join(work, '.githooks/pre-push')), push().status, calls()]).toEqual([
      true,
      0,
      expect.stringContaining('shop'),
    ]);
  });

  test("is husky's own script, not the file that husky regenerates", () => {
    const { work, git, install, push, pushed, script, stub, calls } = repository();
    git('config', 'core.hooksPath', '.husky/_');
    // Like the files of husky 9.
    script(join(work, '.husky/_/pre-push'), '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n');
    script(
      join(work, '.husky/_/h'),
      '#!/usr/bin/env sh\nn=$(basename "$0")\ns=$(dirname "$(dirname "$0")")/$n\n[ ! -f "$s" ] && exit 0\nsh -e "$s" "$@"\nexit $?\n',
    );
    script(join(work, '.husky/pre-push'), 'cat > seen\n', 0o644);
    install(...stub());
    expect([push().status, pushed(), calls()]).toEqual([
      0,
      true,
      'backup shop --reason pre-push\n',
    ]);
    expect(readFileSync(join(work, 'seen'), 'utf8')).toContain('refs/heads/main');
    expect(readFileSync(join(work, '.husky/_/pre-push'), 'utf8')).toContain('/h"');
  });

  test('is that of the repository for a worktree, and separate for a submodule', () => {
    const { base, work, git, run, stub, calls, lifeboat, hook } = repository();
    git('worktree', 'add', '-q', '../tree', '-b', 'side');
    expect(lifeboat(['install-hook', 'pre-push', ...stub()], join(base, 'tree')).status).toBe(0);
    expect(existsSync(hook)).toBe(true);
    expect(run('git', ['push', '-q', 'origin', 'side'], {}, join(base, 'tree')).status).toBe(0);
    expect(calls()).toContain('shop');
    git('push', '-q', '--no-verify', 'origin', 'main');
    git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../remote.git', 'sub');
    expect(lifeboat(['install-hook', 'pre-push', ...stub()], join(work, 'sub')).status).toBe(0);
    expect(existsSync(join(work, '.git/modules/sub/hooks/pre-push'))).toBe(true);
  });

  test.each<[string, (at: ReturnType<typeof repository>) => string[], RegExp]>([
    [
      'no repository',
      ({ base }) => (
        mkdirSync(join(base, 'plain')),
        ['plain', '--database', 'x', '--command', 'true']
      ),
      /git failed/,
    ],
    [
      'a folder for all repositories',
      ({ git }) => (
        git('config', '--global', 'core.hooksPath', '/elsewhere'),
        ['my shop', '--database', 'x', '--command', 'true']
      ),
      /all repositories/,
    ],
    [
      'an unknown name',
      () => ['my shop', '--database', 'nobody'],
      /no database `nobody` in lifeboat.yaml, and no such file/,
    ],
    [
      '--url without names',
      () => ['my shop', '--url', 'http://127.0.0.1:1/'],
      /names of the databases/,
    ],
    ['an invalid address', () => ['my shop', '--url', 'nowhere', '--database', 'shop'], /--url/],
    [
      'a command of two lines',
      () => ['my shop', '--command', 'a\nb', '--database', 'shop'],
      /one line/,
    ],
    [
      'a configuration without databases',
      ({ work }) => (writeFileSync(join(work, 'lifeboat.yaml'), ''), ['my shop']),
      /no databases in lifeboat.yaml/,
    ],
  ])('%s is refused, and nothing is written', (_, prepare, says) => {
    const at = repository();
    const [where = '', ...args] = prepare(at);
    const { status, said } = at.lifeboat(
      ['install-hook', 'pre-push', ...args],
      join(at.base, where),
    );
    expect([status, said]).toEqual([2, expect.stringMatching(says)]);
    expect(
      readdirSync(join(at.hook, '..')).filter(
        (name) => name.startsWith('pre-push') && !name.endsWith('.sample'),
      ),
    ).toEqual([]);
  });

  test('removes nothing without a hook of Lifeboat', () => {
    const { lifeboat, script, hook } = repository();
    script(hook, '#!/bin/sh\n');
    expect(lifeboat(['install-hook', 'pre-push', '--remove']).status).toBe(4);
    expect(readFileSync(hook, 'utf8')).toBe('#!/bin/sh\n');
  });
});
