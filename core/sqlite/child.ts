import { fork, type ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { interrupted, LifeboatError, type Code } from '../lib/errors.ts';
import { memoryLimiter } from './memory-limit.ts';
import { ENGLISH, formatTook } from '../lib/text/format.ts';

export type ChildFault = { code: Code; message: string; hint: string };
/** What a child sends: any number of parts, then a result or a fault. */
type ChildAnswer = { result: unknown } | { fault: ChildFault };
type ChildMessage = { part: unknown } | ChildAnswer;

type ChildOptions = {
  readonly input: object;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Called with each part that the child sends before its result. */
  readonly onPart?: ((part: never) => void) | undefined;
  readonly execArgv?: readonly string[];
  /** What the process may allocate, in bytes, where the system can limit it. */
  readonly mostMemory?: number;
};

/**
 * Runs a module in a child process, gives it `input`, and waits for its answer. The child never
 * outlives this call. It works on files that may be hostile, so it inherits no secrets.
 */
export async function runChild<T>(name: string, options: ChildOptions): Promise<T> {
  const { input, signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const child = startChild(name, options);
  const kill = () => child.kill('SIGKILL');
  let late = false;
  const timer = setTimeout(() => (late = kill()), timeoutMs ?? 0);
  if (timeoutMs === undefined) clearTimeout(timer);
  signal?.addEventListener('abort', kill, { once: true });
  process.once('exit', kill);
  try {
    const answer = answerOf(child, options.onPart);
    // A child that cannot be started fails before its answer is awaited, and has no channel.
    answer.catch(() => undefined);
    if (child.connected) child.send(input, () => undefined);
    const { message, ending } = await answer;
    if (message && 'result' in message) return message.result as T;
    if (message)
      throw new LifeboatError(message.fault.code, message.fault.message, message.fault.hint);
    if (signal?.aborted) throw interrupted();
    if (late) throw tookTooLong(name, timeoutMs ?? 0);
    throw diedEarly(name, ending);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    process.off('exit', kill);
    kill();
  }
}

/** The other side: answers one input with parts and a result or a fault, then ends. */
export function serveChild(
  work: (input: never, send: (part: unknown) => Promise<void>) => Promise<unknown>,
  faultOf: (error: unknown, input: never) => ChildFault,
): void {
  const send = (message: ChildMessage): Promise<void> =>
    new Promise((resolve) => process.send?.(message, () => resolve()));
  process.once('disconnect', () => process.exit(1));
  process.once('message', (input) => {
    work(input as never, (part) => send({ part }))
      .then(
        (result) => send({ result }),
        (error: unknown) => send({ fault: faultOf(error, input as never) }),
      )
      .finally(() => process.exit(0));
  });
}

/** The answer of a judge that could not judge. */
export function notJudged(error: unknown): ChildFault {
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    hint: 'Please report this, with the database if you can.',
  };
}

function startChild(name: string, { execArgv = [], mostMemory }: ChildOptions): ChildProcess {
  const cache = getCompileCacheDir();
  const limiter = mostMemory === undefined ? [] : memoryLimiter(mostMemory);
  const [program, ...words] = [...limiter, process.execPath];
  return fork(moduleBeside(name), {
    execPath: program,
    execArgv: [...words, '--disable-warning=ExperimentalWarning', ...execArgv],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    env: {
      TMPDIR: tmpdir(),
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
    },
  });
}

type ChildEnding = { readonly status: number | null; readonly killedBy: NodeJS.Signals | null };

/**
 * The last message and how the child ended. Only `close` comes after the last message was read, and
 * after it the caller can remove files without racing with the child.
 */
function answerOf(
  child: ChildProcess,
  onPart: ChildOptions['onPart'],
): Promise<{ message: ChildAnswer | undefined; ending: ChildEnding }> {
  return new Promise((resolve, reject) => {
    let last: ChildAnswer | undefined;
    child.on('message', (message: ChildMessage) => {
      if ('part' in message) onPart?.(message.part as never);
      else last = message;
    });
    // A failed start reports more than one error.
    child.on('error', reject);
    child.once('close', (status: number | null, killedBy: NodeJS.Signals | null) =>
      resolve({ message: last, ending: { status, killedBy } }),
    );
  });
}

function tookTooLong(name: string, timeoutMs: number): LifeboatError {
  return new LifeboatError(
    'deadline',
    `the process ${name} took longer than ${formatTook(ENGLISH, timeoutMs)}`,
    'Raise `inspection.timeout` in lifeboat.yaml.',
  );
}

function diedEarly(name: string, { status, killedBy }: ChildEnding): LifeboatError {
  return new LifeboatError(
    'internal',
    `the process ${name} ended early (${killedBy ?? `status ${status}`})`,
    'It may have run out of memory. Free some memory and run the command again; if it happens again, please report it.',
  );
}

/** The module beside this one, compiled or not. */
function moduleBeside(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
