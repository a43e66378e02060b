import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { systemCode } from './errors.ts';
import { fit, oneLine } from './text.ts';

/** A program with its arguments, or a line for `/bin/sh`. */
export type Command = { readonly run: readonly string[] } | { readonly shell: string };

export type CommandOptions = {
  /** For its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends the command and everything that it started. */
  readonly signal: AbortSignal;
};

export type CommandEnding = {
  /** Null when a signal ended it, or it never started. */
  readonly status: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** Why it could not be started, such as `ENOENT`. */
  readonly problem: string | undefined;
  /** The last line that it wrote to standard error, or else to standard output. */
  readonly lastLine: string;
  /** The end of what it wrote, in the order in which it arrived. */
  readonly output: string;
};

const MOST_OUTPUT = 64 * 1024;
const LOGGED_OUTPUT = 2000;
/** For output that is still in the pipes when the program has ended. */
const LAST_OUTPUT_MS = 1000;
const LONGEST_OUTPUT = 300;

/**
 * Runs a program and waits until it has ended, also after the signal aborted. What it left
 * running in the background is not waited for. Its arguments are those of the configuration; nothing
 * from a message becomes one. Never rejects.
 */
export async function runCommand(
  command: Command,
  { input, env, signal }: CommandOptions,
): Promise<CommandEnding> {
  const output = { stdout: '', stderr: '', both: '' };
  const lastLine = (): string => lastLineOf(output.stderr) || lastLineOf(output.stdout);
  const notStarted = (error: unknown): CommandEnding => ({
    status: null,
    killedBy: null,
    problem: systemCode(error) ?? (error instanceof Error ? error.message : String(error)),
    lastLine: '',
    output: '',
  });
  let child: ChildProcessWithoutNullStreams;
  try {
    const [program = '', ...args] =
      'run' in command ? command.run : ['/bin/sh', '-c', command.shell];
    // A process group of its own, so that what a shell started ends with it.
    child = spawn(program, args, { env, detached: true });
  } catch (error) {
    return notStarted(error);
  }
  const end = (): void => endGroup(child);
  signal.addEventListener('abort', end, { once: true });
  process.once('exit', end);
  if (signal.aborted) end();
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (part: Buffer) => {
      const text = part.toString();
      output[stream] = (output[stream] + text).slice(-MOST_OUTPUT);
      output.both = (output.both + text).slice(-LOGGED_OUTPUT);
    });
  // A program that does not read its input is not at fault.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ending = await new Promise<CommandEnding>((resolve) => {
    child.on('error', (error) => resolve(notStarted(error)));
    child.on('exit', (status, killedBy) => {
      // What it left running in the background has the pipes too, perhaps for ever.
      const timer = setTimeout(closePipes, LAST_OUTPUT_MS, child);
      child.on('close', () => {
        clearTimeout(timer);
        const common = { status, killedBy, problem: undefined };
        resolve({ ...common, lastLine: lastLine(), output: output.both.trim() });
      });
    });
  });
  signal.removeEventListener('abort', end);
  process.off('exit', end);
  return ending;
}

/**
 * The environment for a program of the user: without the secrets of Lifeboat, which no other
 * program needs.
 */
export function withoutSecrets(
  env: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.includes(name)));
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function closePipes({ stdout, stderr }: ChildProcessWithoutNullStreams): void {
  stdout.destroy();
  stderr.destroy();
}

function lastLineOf(text: string): string {
  return fit(oneLine(text.trimEnd().split('\n').at(-1) ?? ''), LONGEST_OUTPUT);
}
