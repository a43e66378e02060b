import { fork, type ChildProcess } from 'node:child_process';
import { LifeboatError, type Code } from '../lib/errors.ts';

export type Fault = { code: Code; message: string; hint: string };
export type Answer<T> = { result: T } | { fault: Fault } | { progress: [number, number] };

type Options = {
  input: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
  execArgv?: string[];
};

/**
 * Runs a module in a child process, gives it `input`, and waits for its answer. The child never
 * outlives this call.
 */
export async function runChild<T>(
  name: string,
  { input, signal, timeoutMs, onProgress, execArgv = [] }: Options,
): Promise<T> {
  signal?.throwIfAborted();
  const child: ChildProcess = fork(sibling(name), {
    execArgv: ['--disable-warning=ExperimentalWarning', ...execArgv],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  process.once('exit', kill);
  let late = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          kill();
        }, timeoutMs);
  try {
    return await new Promise<T>((resolve, reject) => {
      let answer: Answer<T> | undefined;
      child.on('message', (message: Answer<T>) => {
        if ('progress' in message) onProgress?.(...message.progress);
        else answer = message;
      });
      child.once('error', reject);
      // Only after the exit, so that the caller can remove the folder without racing with the
      // child.
      child.once('exit', (status, killed) => {
        if (answer && 'result' in answer) resolve(answer.result);
        else if (answer && 'fault' in answer)
          reject(new LifeboatError(answer.fault.code, answer.fault.message, answer.fault.hint));
        else if (signal?.aborted)
          reject(new LifeboatError('interrupted', 'interrupted', 'Run it again.'));
        else if (late)
          reject(
            new LifeboatError(
              'deadline',
              `${name} took longer than ${Math.round((timeoutMs ?? 0) / 1000)} s`,
              'Raise inspection.timeout.',
            ),
          );
        else
          reject(
            new LifeboatError(
              'internal',
              `${name} died (${killed ?? `status ${status}`})`,
              'It may have run out of memory; run it again, and report it if it stays.',
            ),
          );
      });
      child.send(input as object);
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    process.off('exit', kill);
    kill();
  }
}

/** The other side: answers one input with a result or a fault, then ends. */
export function serveChild(
  work: (input: never, progress: (done: number, total: number) => void) => Promise<unknown>,
  faultOf: (error: unknown) => Fault,
): void {
  const send = (message: Answer<unknown>, then: () => void = () => undefined) =>
    process.send?.(message, then);
  process.once('disconnect', () => process.exit(1));
  process.once('message', (input) => {
    work(input as never, (done, total) => send({ progress: [done, total] })).then(
      (result) => send({ result }, () => process.exit(0)),
      (error: unknown) => send({ fault: faultOf(error) }, () => process.exit(0)),
    );
  });
}

/** What a judge says that could not judge. */
export function notJudged(error: unknown): Fault {
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    hint: 'Report it with the database if you can.',
  };
}

/** The module beside this one, compiled or not. */
function sibling(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
