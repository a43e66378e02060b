import { execFile } from 'node:child_process';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { LifeboatError } from '../../lib/errors.ts';

const execute = promisify(execFile);

export type HookPlace = {
  /** The file that git or husky runs as the hook. */
  readonly path: string;
  /** Whether husky runs it: such a script is not executable and has no first line with a shell. */
  readonly husky: boolean;
};

/**
 * Where git looks for the hook of the repository around `cwd`; it may be a worktree, a submodule,
 * or have core.hooksPath. Throws `usage`.
 */
export async function findHook(cwd: string, name: string): Promise<HookPlace> {
  const top = await git(cwd, 'rev-parse', '--show-toplevel');
  // A hook in a folder that all repositories share would run before a push of any of them.
  const shared = await git(top, 'config', '--show-scope', '--get', 'core.hooksPath').catch(
    () => '',
  );
  if (/^(global|system)\t/.test(shared))
    throw new LifeboatError(
      'usage',
      `all repositories share their hooks in ${shared.split('\t')[1] ?? ''} (core.hooksPath)`,
      'Give this repository its own folder first: `git config core.hooksPath .githooks`.',
    );
  // A relative core.hooksPath is relative to the top folder, where hooks run.
  const folder = resolve(top, await git(top, 'rev-parse', '--git-path', 'hooks'));
  // husky rewrites the files in .husky/_; they call those in the folder above.
  const husky = basename(folder) === '_' && basename(dirname(folder)) === '.husky';
  return { path: join(husky ? dirname(folder) : folder, name), husky };
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  try {
    return (await execute('git', ['-C', cwd, ...args], { encoding: 'utf8' })).stdout.replace(
      /\n$/,
      '',
    );
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new LifeboatError(
        'usage',
        'git is not installed',
        'Install git, or run this on the machine that has your repository.',
        { cause },
      );
    const reason =
      cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n')[0] : '';
    throw new LifeboatError(
      'usage',
      `git failed: ${reason || 'no reason given'}`,
      'Run this inside a git repository.',
      { cause },
    );
  }
}
