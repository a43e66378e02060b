import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { LifeboatError, systemCode } from '../../lib/errors.ts';

/** Runs a program of this machine and returns its output. */
export type RunCommand = (
  program: string,
  args: readonly string[],
  input?: string,
) => Promise<string>;

/** Throws `usage` with what the program wrote when it is missing or fails. */
export async function runTool(
  program: string,
  args: readonly string[],
  input = '',
): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const end = Promise.withResolvers<number | null>();
  child.once('error', end.reject);
  child.once('close', end.resolve);
  // A program that ends without reading its input closes the pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const status = await end.promise.catch((cause: unknown) => {
    throw new LifeboatError(
      'usage',
      `${program} cannot be run (${systemCode(cause) ?? String(cause)})`,
      `Install ${program}, choose another kind of timer (\`lifeboat install-timer --help\`), or print the files with --print.`,
      { cause },
    );
  });
  const [stdout, stderr] = await output;
  if (status === 0) return stdout;
  throw new LifeboatError(
    'usage',
    `${program} ${args.join(' ')} failed: ${stderr.trim() || `exit status ${String(status)}`}`,
    'Fix the cause, then run the command again. It installs nothing twice.',
  );
}
