import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LifeboatError } from '../../core/lib/errors.ts';

export type Listen = {
  /** The address of an interface of this machine. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What every request must carry; undefined: nothing, which only a loopback address allows. */
  readonly token: string | undefined;
};
export type FunctionsServer = {
  /** Undefined while the process is not listening. */
  url(): string | undefined;
  /** The first URL. Rejects with `usage` when the port is in use. */
  readonly ready: Promise<string>;
  /** Lets running handlers end, and resolves when the process has ended. */
  stop(): Promise<void>;
};
type ServerMessage =
  | { readonly listening: { readonly port: number } }
  | { readonly refused: string };

const RESTART_MS = 1000;
const SERVER_MODULE = new URL(
  `../../functions/serve${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * Runs the functions in a process of their own, and starts it again when it dies, as a platform
 * would. `onLine` gets each line of its log.
 */
export function startFunctions(
  listen: Listen,
  env: Readonly<Record<string, string | undefined>>,
  onLine: (line: string) => void,
): FunctionsServer {
  const { host } = listen;
  let child: ChildProcess | undefined;
  let url: string | undefined;
  let hasListened = false;
  let isStopping = false;
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  // A caller that stops early may never wait for it.
  ready.catch(() => undefined);
  const start = (): void => {
    child = forkServer(listen, env, onLine);
    child.on('message', (message: ServerMessage) => {
      if ('refused' in message) return reject(notListening(listen, message.refused));
      url = functionsUrl(host, message.listening.port);
      hasListened = true;
      resolve(url);
    });
    child.once('exit', (status) => {
      reject(notListening(listen, `exit status ${String(status)}`));
      url = undefined;
      if (!hasListened) return;
      // A signal from the terminal ends the child too, perhaps before this process gets it.
      setTimeout(() => {
        if (!isStopping) start();
      }, RESTART_MS);
    });
  };
  start();
  return {
    url: () => url,
    ready,
    stop: async () => {
      isStopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const { promise, resolve: ended } = Promise.withResolvers<void>();
      child.once('exit', () => ended());
      child.kill('SIGTERM');
      await promise;
    },
  };
}

function forkServer(
  { host, port, token }: Listen,
  env: Readonly<Record<string, string | undefined>>,
  onLine: (line: string) => void,
): ChildProcess {
  const child = fork(SERVER_MODULE, [String(port), host], {
    env: { ...env, NODE_ENV: 'production', LIFEBOAT_SERVE_TOKEN: token },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', onLine);
  return child;
}

/** Where this process reaches the functions: an address such as 0.0.0.0 stands for all. */
function functionsUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function notListening({ host, port }: Listen, reason: string): LifeboatError {
  if (reason === 'EADDRINUSE')
    return new LifeboatError(
      'usage',
      `port ${port} is already in use`,
      'Choose another port with --port, or any free port with --port 0.',
    );
  return new LifeboatError(
    'usage',
    `the functions could not listen on ${host}:${port} (${reason})`,
    'Choose another port with --port. The lines above may say more.',
  );
}
