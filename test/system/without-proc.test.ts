import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { homeOf } from '../support/root.ts';

// Needs root, for a mount namespace of its own.
const project = join(import.meta.dirname, '..', '..');
const APPLICATION = 12_345;

/** Runs Node where /proc is not mounted. */
function runWithoutProc(args: readonly string[], cwd: string) {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...args];
  const inside = ['sh', '-c', 'umount -l /proc && exec "$@"', 'sh', ...node];
  const env = { PATH: process.env['PATH'], TMPDIR: cwd, HOME: '/nonexistent' };
  return spawnSync('unshare', ['--mount', ...inside], { cwd, env, encoding: 'utf8' });
}

function lifeboatWithoutProc(args: readonly string[], cwd: string) {
  const cli = join(project, 'cli', 'main.ts');
  const { status, stdout } = runWithoutProc([cli, ...args, '--json'], cwd);
  return { status, document: JSON.parse(stdout) as Record<string, unknown> };
}

describe('root without /proc', () => {
  test('backs up and restores a database that only root can replace', () => {
    const cwd = folder();
    sql(join(cwd, 'own.db'), SMALL);
    // A folder below /tmp, which is sticky: nobody else can replace what root has in it.
    expect(lifeboatWithoutProc(['backup', 'own.db'], cwd)).toMatchObject({
      status: 0,
      document: { verdict: 'ok' },
    });
    expect(lifeboatWithoutProc(['restore', 'own', '--to', 'again.db'], cwd)).toMatchObject({
      status: 0,
    });
  });

  test('refuses a database that its owner could replace by a link, and says why', () => {
    const database = join(homeOf(APPLICATION), 'app.db');
    sql(database, SMALL);
    chownSync(database, APPLICATION, APPLICATION);
    expect(lifeboatWithoutProc(['backup', database], folder())).toMatchObject({
      status: 3,
      document: {
        error: {
          code: 'source_invalid',
          message: expect.stringContaining('/proc, which would show that, is not mounted'),
        },
      },
    });
  });

  test('hears from the doctor what does not work', () => {
    const cwd = folder();
    const { document } = lifeboatWithoutProc(['doctor', '--store', 'backups'], cwd);
    expect(document['findings']).toContainEqual(
      expect.objectContaining({ check: 'machine', about: '/proc', result: 'warning' }),
    );
  });

  test('takes no process for one that ended', () => {
    const module = join(project, 'core/lib/processes/process-identity.ts');
    const script = `import { ownIdentity, processState } from ${JSON.stringify(module)};
      process.stdout.write(processState({ ...ownIdentity(), pid: 4194305 }));`;
    const { stdout } = runWithoutProc(['--input-type=module', '-e', script], folder());
    expect(stdout).toBe('unknown');
  });
});
