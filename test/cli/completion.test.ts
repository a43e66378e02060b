import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lifeboatCommands } from '../../scripts/man/commands.ts';
import { runCli } from '../support/cli.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const SHELLS = [['bash'], ['zsh'], ['fish']] as const;

const scriptOf = async (shell: string): Promise<string> => {
  const { status, stdout, stderr } = await runCli(folder(), ['completion', shell]);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};

/** What bash offers for the last word, and what reaches the terminal. Two databases are configured. */
async function complete(words: readonly string[], program = '#!/bin/sh\necho shop\necho blog\n') {
  const cwd = folder();
  const script = join(cwd, 'completion.bash');
  writeFileSync(script, await scriptOf('bash'));
  const lifeboat = join(cwd, 'lifeboat');
  writeFileSync(lifeboat, program);
  chmodSync(lifeboat, 0o755);
  const lines = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lifeboat
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-uc', lines, '-', script, lifeboat, ...words],
    {
      cwd,
      encoding: 'utf8',
      env: { PATH: BARE['PATH'] },
    },
  );
  return { offers: stdout.split('\n').filter((line) => line !== ''), stderr };
}

describe('the completion script', () => {
  test.each(SHELLS)('of %s has every command, option and choice', async (shell) => {
    const script = await scriptOf(shell);
    const { commands, options } = lifeboatCommands();
    const names = commands.map(({ name }) => name);
    const flags = [...options, ...commands.flatMap((each) => each.options)].map(({ long }) =>
      shell === 'fish' ? `-l ${long.slice(2)}` : long,
    );
    const choices = commands
      .flatMap((each) => [...each.options, ...each.arguments])
      .map((each) => each.choices.join(' '));
    expect(names.length).toBeGreaterThan(20);
    expect([...names, ...flags, ...choices].filter((each) => !script.includes(each))).toEqual([]);
  });

  test('of bash has no syntax error', async () => {
    const input = await scriptOf('bash');
    const { status, stderr } = spawnSync('bash', ['--norc', '-n'], { input, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  test('of bash has no finding of shellcheck', async ({ skip }) => {
    const input = await scriptOf('bash');
    const { error, stdout } = spawnSync('shellcheck', ['-s', 'bash', '-'], {
      input,
      encoding: 'utf8',
    });
    if (error) skip(`shellcheck cannot be started: ${error.message}`);
    expect(stdout).toBe('');
  });

  test('of another shell is refused with the choices', async () => {
    const { status, stderr } = await runCli(folder(), ['completion', 'tcsh']);
    expect(status).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});

describe('bash offers', () => {
  test.each([
    ['commands', ['re'], ['restore', 'restore-test', 'retire']],
    ['commands after global options', ['--config', 'other.yaml', '-q', 'ver'], ['verify']],
    ['commands to `help`', ['help', 'back'], ['backup']],
    ['options of a command', ['restore', '--e'], ['--even-if-open']],
    ['global options after a command', ['list', '--conf'], ['--config']],
    ['choices', ['backup', 'shop', '--kind', ''], ['auto', 'full', 'incremental']],
    ['choices after =', ['backup', '--kind', '=', 'f'], ['full']],
    ['choices directly after =', ['backup', '--kind', '='], ['auto', 'full', 'incremental']],
    ['choices of an argument', ['completion', 'z'], ['zsh']],
    ['databases', ['list', ''], ['shop', 'blog']],
    ['databases after options with values', ['restore', '--to', 'x.db', 'b'], ['blog']],
    ['databases to an option', ['install-hook', 'pre-push', '--database', 's'], ['shop']],
    ['nothing after the last argument', ['list', 'shop', ''], []],
    ['nothing to an unknown command', ['frobnicate', ''], []],
    ['nothing where a file is expected, so that bash completes files', ['--config', ''], []],
  ])('%s', async (_, words, offers) => {
    expect(await complete(words)).toEqual({ offers, stderr: '' });
  });

  test('the databases of the configuration in --config', async () => {
    const echo =
      '#!/bin/sh\n[ "$*" = "--config my.yaml completion bash --databases" ] && echo mine\n';
    expect(await complete(['--config', 'my.yaml', 'list', ''], echo)).toEqual({
      offers: ['mine'],
      stderr: '',
    });
  });

  test.each([
    ['fails', '#!/bin/sh\necho "error: no" >&2\nexit 2\n'],
    ['cannot be started', '#!/no/such/program\n'],
  ])('no database and prints nothing when lifeboat %s', async (_, program) => {
    expect(await complete(['list', ''], program)).toEqual({ offers: [], stderr: '' });
  });
});

describe('the databases for the completion', () => {
  const databases = (cwd: string, ...more: string[]) =>
    runCli(cwd, [...more, 'completion', 'bash', '--databases']);

  test('are those of lifeboat.yaml, also from a folder below it', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'lifeboat.yaml'),
      'databases: { shop: { source: shop.db }, blog: { source: blog.db } }\n',
    );
    mkdirSync(join(cwd, 'below'));
    const expected = { status: 0, stdout: 'shop\nblog\n', stderr: '' };
    expect(await databases(cwd)).toEqual(expected);
    expect(await databases(join(cwd, 'below'))).toEqual(expected);
    expect(await databases('/', '--config', join(cwd, 'lifeboat.yaml'))).toEqual(expected);
  });

  test.each([
    ['there is no configuration', undefined],
    ['the configuration is no YAML', 'databases: {'],
    ['the configuration has a problem', 'databases: { shop: { sorce: shop.db } }\n'],
  ])('are none, without an error, when %s', async (_, text) => {
    const cwd = folder();
    if (text !== undefined) writeFileSync(join(cwd, 'lifeboat.yaml'), text);
    expect(await databases(cwd)).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
