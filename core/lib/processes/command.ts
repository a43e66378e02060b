// Programs, threads and shells: starting them, ending them with all that they started, and telling
// one process from another. Imports lib only.

import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { systemCode } from '../errors.ts';
import { fit, oneLine } from '../text/text.ts';

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
  /** It was to be ended, and this process has no right to: it has changed its user. */
  readonly isStillRunning: boolean;
  /** The last line that it wrote to standard error, or else to standard output. */
  readonly lastLine: string;
  /** The end of what it wrote, in the order in which it arrived. */
  readonly output: string;
};

const MOST_OUTPUT = 64 * 1024;
const LOGGED_OUTPUT = 2000;
/** For output that is still in the pipes when the program has ended. */
const LAST_OUTPUT_MS = 1000;
/** A program that has just ended cannot be signalled either, until its end is reported. */
const LAST_END_MS = 1000;
const LONGEST_OUTPUT = 300;

/**
 * Runs a program and waits until it has ended, also after the signal aborted, unless it changed its
 * user and cannot be ended. What it left running in the background is not waited for. Its arguments
 * are those of the configuration; nothing from a message becomes one. Never rejects.
 */
export async function runCommand(
  command: Command,
  { input, env, signal }: CommandOptions,
): Promise<CommandEnding> {
  const output = { stdout: '', stderr: '', both: '' };
  const lastLine = (): string => lastLineOf(output.stderr) || lastLineOf(output.stdout);
  let child: ChildProcessWithoutNullStreams;
  try {
    const [program = '', ...args] =
      'run' in command ? command.run : ['/bin/sh', '-c', command.shell];
    // A process group of its own, so that what a shell started ends with it.
    child = spawn(program, args, { env, detached: true });
  } catch (error) {
    return startFailure(error);
  }
  const isDenied = Promise.withResolvers<void>();
  const end = (): void => void (endGroup(child) || isDenied.resolve());
  signal.addEventListener('abort', end, { once: true });
  process.once('exit', end);
  if (signal.aborted) end();
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] = (output[stream] + text).slice(-MOST_OUTPUT);
      output.both = (output.both + text).slice(-LOGGED_OUTPUT);
    });
  // A program that does not read its input is not at fault.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ending = await new Promise<CommandEnding>((resolve) => {
    const finish = (more: Pick<CommandEnding, 'status' | 'killedBy' | 'isStillRunning'>): void =>
      resolve({ ...more, problem: undefined, lastLine: lastLine(), output: output.both.trim() });
    child.on('error', (error) => {
      // With an id it was started, and this is about a signal that could not be sent.
      if (child.pid === undefined) resolve(startFailure(error));
    });
    let patience: NodeJS.Timeout | undefined;
    void isDenied.promise.then(() => {
      patience = setTimeout(() => {
        leave(child);
        finish({ status: null, killedBy: null, isStillRunning: true });
      }, LAST_END_MS);
    });
    child.on('exit', (status, killedBy) => {
      clearTimeout(patience);
      // What it left running in the background has the pipes too, perhaps for ever.
      const timer = setTimeout(closePipes, LAST_OUTPUT_MS, child);
      child.on('close', () => {
        clearTimeout(timer);
        finish({ status, killedBy, isStillRunning: false });
      });
    });
  });
  signal.removeEventListener('abort', end);
  process.off('exit', end);
  return ending;
}

function startFailure(error: unknown): CommandEnding {
  return {
    status: null,
    killedBy: null,
    problem: systemCode(error) ?? (error instanceof Error ? error.message : String(error)),
    isStillRunning: false,
    lastLine: '',
    output: '',
  };
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

/** False when this process has no right to end it. */
function endGroup(child: ChildProcess): boolean {
  if (child.pid === undefined) return true;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) === 'EPERM') return false;
    child.kill('SIGKILL');
  }
  return true;
}

function closePipes({ stdout, stderr }: ChildProcessWithoutNullStreams): void {
  stdout.destroy();
  stderr.destroy();
}

/** Neither waits for it nor lets it keep this process alive. */
function leave(child: ChildProcessWithoutNullStreams): void {
  child.stdin.destroy();
  closePipes(child);
  child.unref();
}

function lastLineOf(text: string): string {
  return fit(oneLine(text.trimEnd().split('\n').at(-1) ?? ''), LONGEST_OUTPUT);
}
