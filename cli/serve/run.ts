import { execFile } from 'node:child_process';
import { isIP, isIPv4 } from 'node:net';
import { findConfig } from '../../core/config/find.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { runSystem, type SystemOptions } from './system.ts';

export type ServeOptions = Pick<SystemOptions, 'cwd' | 'env' | 'store' | 'signal' | 'onLine'> & {
  readonly config: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly say: (text: string) => void;
};

/** Fewer could be guessed by trying. */
const LEAST_TOKEN = 32;

/**
 * Runs schedules and functions until the signal aborts, for production. Listens on the loopback
 * address; on any other only with a token, which every request must carry. Throws `usage`.
 */
export async function runServe({
  config,
  host,
  port,
  say,
  ...options
}: ServeOptions): Promise<void> {
  const { cwd, env } = options;
  const token = env['LIFEBOAT_SERVE_TOKEN'] || undefined;
  requireSafe(host, token);
  const path = await findConfig({ configPath: config, cwd, env });
  if (path === undefined)
    throw new LifeboatError(
      'usage',
      `there is no lifeboat.yaml in ${cwd}`,
      'Create one with `lifeboat init`, or name it with --config. `lifeboat dev` shows a sample.',
    );
  await runSystem({
    ...options,
    config: path,
    listen: { host, port, token },
    onReady: async (url) => {
      say(`Lifeboat is running. Status page: ${url}/status\n`);
      await notifySystemd(env, '--ready');
    },
    onStop: () => {
      say('Stopping. Running backups have a few seconds to finish …\n');
      void notifySystemd(env, '--stopping');
    },
  });
}

function requireSafe(host: string, token: string | undefined): void {
  if (isIP(host) === 0)
    throw new LifeboatError(
      'usage',
      `--host ${host} is not an IP address`,
      'Use 127.0.0.1, the address of a network interface, or 0.0.0.0 for all.',
    );
  if (token !== undefined && token.length < LEAST_TOKEN)
    throw new LifeboatError(
      'config_invalid',
      `LIFEBOAT_SERVE_TOKEN has fewer than ${LEAST_TOKEN} characters`,
      'Create one with `openssl rand -hex 32`.',
    );
  const isLoopback = host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  if (isLoopback || token !== undefined) return;
  throw new LifeboatError(
    'config_invalid',
    `other machines can reach ${host}, and LIFEBOAT_SERVE_TOKEN is not set`,
    'Set LIFEBOAT_SERVE_TOKEN to the output of `openssl rand -hex 32`, or listen on 127.0.0.1 behind a proxy that authenticates.',
  );
}

/** For units of Type=notify. Without the program, systemd would only miss the message. */
async function notifySystemd(env: ServeOptions['env'], message: string): Promise<void> {
  const socket = env['NOTIFY_SOCKET'];
  if (!socket) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const options = { env: { PATH: env['PATH'], NOTIFY_SOCKET: socket } };
  execFile('systemd-notify', [message], options, () => resolve());
  await promise;
}
