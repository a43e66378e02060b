import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { onTestFinished } from 'vitest';

export type FakeHost = {
  readonly port: number;
  readonly hostKey: string;
  readonly privateKey: string;
  /** The events of the clients, in order: `authenticated`, `exec COMMAND`, `input`. */
  readonly seen: string[];
};

type Behaviour = {
  readonly authenticate?: (context: ssh2.AuthContext) => void;
  readonly exec?: (accept: () => ssh2.ServerChannel, reject: () => void) => void;
};

/** The package sometimes generates an Ed25519 key that it cannot read itself. */
export function keyPair(): { public: string; private: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

/** A fake host for faults that no real sshd has: the server of the ssh2 package with scripted behaviour. */
export async function startFakeHost({ authenticate, exec }: Behaviour = {}): Promise<FakeHost> {
  const [host, user] = [keyPair(), keyPair()];
  const seen: string[] = [];
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', authenticate ?? ((context) => context.accept()));
    client.on('ready', () => {
      seen.push('authenticated');
      client.on('session', (accept) => {
        accept().on('exec', (take, reject, { command }) => {
          seen.push(`exec ${command}`);
          exec?.(
            () => {
              const channel = take();
              channel.on('data', () => seen.push('input'));
              channel.on('error', () => undefined);
              // Like a script that reaches the end of its input.
              channel.once('end', () => channel.close());
              return channel;
            },
            () => {
              reject();
            },
          );
        });
      });
    });
  });
  // Nagle's algorithm would add 40 ms to each step of a handshake.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
  return {
    port: await listen(listener),
    hostKey: host.public,
    privateKey: user.private,
    seen,
  };
}

/** A listener that is not an SSH server. */
export function startStranger(onConnection: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    }),
  );
}

async function listen(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => open.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
