import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

type Environment = Readonly<Record<string, string | undefined>>;
export type FunctionsServer = {
  url(): string | undefined;
  readonly ready: Promise<string>;
  stop(): Promise<void>;
};

const RESTART_MS = 1000;
const MODULE = new URL(
  `../../functions/serve${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * The functions in a process of their own; started again when it dies, as a platform would.
 * `onLine` gets its log, a line at a time.
 */
export function startFunctions(
  port: number,
  env: Environment,
  onLine: (line: string) => void,
): FunctionsServer {
  let child: ChildProcess | undefined;
  let url: string | undefined;
  let ran = false;
  let stopping = false;
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  // Who stops before that may never have waited for it.
  ready.catch(() => undefined);
  const start = (): void => {
    const started = fork(MODULE, [String(port)], {
      env: { ...env, NODE_ENV: 'production' },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      if (stream) createInterface({ input: stream }).on('line', onLine);
    started.once('message', (message: { listening: { port: number } }) => {
      url = `http://127.0.0.1:${message.listening.port}`;
      ran = true;
      resolve(url);
    });
    started.once('exit', (status) => {
      if (url === undefined)
        reject(
          new Error(
            `the functions did not start (status ${String(status)}); is port ${port} in use?`,
          ),
        );
      // A signal from the terminal ends the child too, maybe before this process has heard it.
      url = undefined;
      if (!ran) return;
      setTimeout(() => {
        if (!stopping) start();
      }, RESTART_MS);
    });
  };
  start();
  return {
    url: () => url,
    ready,
    stop: async () => {
      stopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const { promise, resolve: ended } = Promise.withResolvers<void>();
      child.once('exit', () => ended());
      child.kill('SIGTERM');
      await promise;
    },
  };
}
