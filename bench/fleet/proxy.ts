import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';

export type Balancer = {
  readonly port: number;
  /** Requests that were answered with anything but success, such as a message that is sent again. */
  readonly refusals: () => number;
  readonly close: () => Promise<void>;
};

/**
 * Passes each request to a process that has none, as Cloud Run does where an instance serves one
 * request at a time; the others wait.
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const free = [...ports];
  const waiting: ((port: number) => void)[] = [];
  let refusals = 0;
  const acquire = (): Promise<number> => {
    const port = free.shift();
    return port === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(port);
  };
  const release = (port: number): void => {
    const next = waiting.shift();
    if (next) next(port);
    else free.push(port);
  };
  const server = createHttpServer((incoming, response) => {
    void acquire().then((port) => {
      response.once('close', () => release(port));
      const { method, url, headers } = incoming;
      const outgoing = request(
        { host: '127.0.0.1', port, method, path: url, headers },
        (answer) => {
          if ((answer.statusCode ?? 500) >= 300) refusals += 1;
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      outgoing.on('error', () => {
        refusals += 1;
        response.destroy();
      });
      incoming.pipe(outgoing);
    });
  });
  const port = await listening(server);
  return {
    port,
    refusals: () => refusals,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Counts the bytes that go to a port of this machine and come from it. */
export async function startByteCounter(target: number) {
  const bytes = { sent: 0, received: 0 };
  const server = createTcpServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    client.on('data', (chunk: Buffer) => (bytes.sent += chunk.length));
    upstream.on('data', (chunk: Buffer) => (bytes.received += chunk.length));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      from.on('error', () => to.destroy()).pipe(to);
  });
  return {
    port: await listening(server),
    bytes,
    close: (): void => void server.close(),
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
