import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
};
export type Reply = { status: number; headers?: Record<string, string>; body?: string };
/** How a service treats one request: it responds, stays silent or cuts the connection. */
export type Behaviour = ((request: Received) => Reply) | 'silent' | 'cut';

export type FakeService = {
  readonly url: string;
  readonly received: Received[];
  /** Called when a request gets no response. */
  whenSilent: () => void;
  /** Sets the behaviour of the next requests, one each; then `usual` applies again. */
  next(...behaviours: Behaviour[]): void;
};

/** A fake: a web service on the loopback interface. It stops with the test. */
export async function startService(usual: (request: Received) => Reply): Promise<FakeService> {
  const received: Received[] = [];
  const queue: Behaviour[] = [];
  const answer = (response: ServerResponse, { status, headers = {}, body = '' }: Reply): void => {
    response.writeHead(status, headers).end(body);
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, path: url, headers, body: Buffer.concat(parts).toString() };
      received.push(seen);
      const behaviour = queue.shift() ?? usual;
      if (behaviour === 'cut') request.socket.destroy();
      else if (behaviour === 'silent') service.whenSilent();
      else answer(response, behaviour(seen));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const service: FakeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    whenSilent: () => undefined,
    next: (...behaviours) => {
      queue.push(...behaviours);
    },
  };
  return service;
}
