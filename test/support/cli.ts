import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { start } from '../../cli/start.ts';

/**
 * Runs a command line in this process, without a terminal: starting a process takes longer than
 * most commands. Tests of signals, of exits and of the installed program start `cli/main.ts`.
 */
export async function runCli(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  signal = new AbortController().signal,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = Promise.all([text(stdout), text(stderr)]);
  const host = {
    argv: ['node', 'lifeboat', ...args],
    cwd: () => cwd,
    env: { TMPDIR: cwd, ...env },
    exit: (status: number) => {
      throw new Error(`the command called exit(${status})`);
    },
    stdout,
    stderr,
  };
  const status = await start(host as unknown as NodeJS.Process, signal);
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { status, stdout: out, stderr: err };
}
