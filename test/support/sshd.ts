import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createSshSource, type SshOptions } from '../../core/source/ssh/ssh.ts';
import { folder } from './files.ts';

export type Sshd = {
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** The public key of the host as a line, and its fingerprint as ssh-keygen prints it. */
  readonly hostKey: string;
  readonly fingerprint: string;
  /** The folder of the host's temporary files. */
  readonly temporary: string;
  /** The files in that folder, once it is empty or after `waitMs`. */
  readonly leftovers: (waitMs?: number) => Promise<string[]>;
};

export type Proxy = {
  readonly port: number;
  /** Cuts the next `times` connections after `after` bytes from the host, or silences them: they stay open and nothing arrives. */
  cut: (times: number, after: number, how?: 'cut' | 'silence') => void;
  readonly connections: () => number;
};

/** Debian's sshd on a loopback port until the test ends. `path` is the PATH of its programs; `wrapper` runs instead of the requested command. */
export async function startSshd({
  path,
  temporary = folder(),
  wrapper,
}: { path?: string; temporary?: string; wrapper?: string } = {}): Promise<Sshd> {
  const home = folder();
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      name,
      '-f',
      join(home, name),
    ]);
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${home}/host`,
    `AuthorizedKeysFile ${home}/user.pub`,
    `PidFile ${home}/pid`,
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    `SetEnv TMPDIR=${temporary}${path === undefined ? '' : ` PATH=${path}`}`,
    ...(wrapper === undefined ? [] : [`ForceCommand ${wrapper}`]),
  ];
  writeFileSync(join(home, 'config'), lines.join('\n'));
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(home, 'config')], {
    stdio: 'ignore',
  });
  onTestFinished(() => void server.kill('SIGTERM'));
  for (let wait = 0; !(await answers(port)) && wait < 100; wait += 1) await sleep(50);
  const read = (name: string): string => readFileSync(join(home, name), 'utf8');
  const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-lf', join(home, 'host.pub')], {
    encoding: 'utf8',
  }).split(' ');
  const leftovers = async (waitMs = 10_000): Promise<string[]> => {
    for (
      const until = Date.now() + waitMs;
      readdirSync(temporary).length > 0 && Date.now() < until;
    )
      await sleep(50);
    return readdirSync(temporary);
  };
  return {
    port,
    user: userInfo().username,
    privateKey: read('user'),
    hostKey: read('host.pub').trim(),
    fingerprint,
    temporary,
    leftovers,
  };
}

export function sourceOn(
  { user, port, privateKey, hostKey }: Sshd,
  path: string,
  more: Partial<SshOptions> = {},
) {
  return createSshSource({
    address: { user, host: '127.0.0.1', port, path, hostKeys: [hostKey] },
    privateKey,
    now: () => new Date(),
    patience: { pauseMs: 10 },
    ...more,
  });
}

/** A proxy that breaks connections. */
export async function startProxy(to: number): Promise<Proxy> {
  let [times, after, how, connections] = [0, 0, 'cut', 0];
  const open = new Set<Socket>();
  const server = createServer((near) => {
    connections += 1;
    const far = connect(to, '127.0.0.1');
    let left = times > 0 ? after : Number.POSITIVE_INFINITY;
    times -= 1;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => left > 0 && other.destroy());
    }
    near.on('data', (bytes) => left > 0 && far.write(bytes));
    far.on('data', (bytes) => {
      left -= bytes.length;
      if (left > 0) return void near.write(bytes);
      if (how === 'cut') for (const socket of [near, far]) socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut: (many, bytes, way = 'cut') => ([times, after, how] = [many, bytes, way]),
    connections: () => connections,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
