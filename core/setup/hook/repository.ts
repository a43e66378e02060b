import { execFile } from 'node:child_process';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { LifeboatError } from '../../lib/errors.ts';

const run = promisify(execFile);

export type HookPlace = {
  /** The file that is run as the hook. */
  readonly path: string;
  /** Whether it is a script of husky, which has neither a mode nor a first line to go by. */
  readonly husky: boolean;
};

/**
 * Where the hooks of the repository around `cwd` are, as git itself says: of a worktree, a
 * submodule, or with core.hooksPath. Throws `usage`.
 */
export async function findHook(cwd: string, name: string): Promise<HookPlace> {
  const top = await git(cwd, 'rev-parse', '--show-toplevel');
  // A hook in a folder for all repositories would back up this database whenever any of them is
  // pushed.
  const shared = await git(top, 'config', '--show-scope', '--get', 'core.hooksPath').catch(
    () => '',
  );
  if (/^(global|system)\t/.test(shared))
    throw new LifeboatError(
      'usage',
      `the hooks of all repositories are in ${shared.split('\t')[1] ?? ''}`,
      'Give this one a folder of its own first: git config core.hooksPath .githooks',
    );
  // A relative core.hooksPath starts where hooks run, which is the top.
  const folder = resolve(top, await git(top, 'rev-parse', '--git-path', 'hooks'));
  // husky makes the files in .husky/_ again and again; they call those of the folder above.
  const husky = basename(folder) === '_' && basename(dirname(folder)) === '.husky';
  return { path: join(husky ? dirname(folder) : folder, name), husky };
}

async function git(cwd: string, ...args: string[]): Promise<string> {
  try {
    return (await run('git', ['-C', cwd, ...args], { encoding: 'utf8' })).stdout.replace(/\n$/, '');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
      throw new LifeboatError(
        'usage',
        'there is no git here',
        'Install git, or run this where your repository is.',
        { cause },
      );
    const said =
      cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n')[0] : '';
    throw new LifeboatError(
      'usage',
      `git says: ${said || 'nothing'}`,
      'Run this inside the work tree of a git repository.',
      { cause },
    );
  }
}
