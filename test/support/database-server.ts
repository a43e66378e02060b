import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A file server like nginx, with ranges, ETags and conditional requests; `before` may respond instead. */
export class DatabaseServer {
  body: Buffer | undefined;
  etag: string | undefined = '"1"';
  lastModified: string | undefined;
  readonly requests: { method: string; headers: IncomingMessage['headers']; url: string }[] = [];
  /** Returns true when it has responded. */
  before: (request: IncomingMessage, response: ServerResponse, count: number) => boolean = () =>
    false;
  /** The number of bodies that break off halfway. */
  cuts = 0;
  #version = 1;

  put(body: Buffer): void {
    this.body = body;
    this.#version += 1;
    this.etag = `"${this.#version}"`;
  }

  start(): Promise<string> {
    return serveHttp((request, response) => this.#answer(request, response));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', headers, url = '' } = request;
    this.requests.push({ method, headers, url });
    if (this.before(request, response, this.requests.length)) return;
    if (!this.body) return void response.writeHead(404).end();
    if (this.etag !== undefined) response.setHeader('etag', this.etag);
    if (this.lastModified !== undefined) response.setHeader('last-modified', this.lastModified);
    if (this.etag !== undefined && headers['if-none-match'] === this.etag)
      return void response.writeHead(304).end();
    const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    const partial = from !== undefined && headers['if-range'] === this.etag;
    const start = partial ? Number(from) : 0;
    const part = this.body.subarray(start);
    response.setHeader('content-length', part.length);
    if (partial)
      response.setHeader(
        'content-range',
        `bytes ${start}-${this.body.length - 1}/${this.body.length}`,
      );
    response.writeHead(partial ? 206 : 200);
    if (method === 'HEAD') return void response.end();
    if (this.cuts === 0) return void response.end(part);
    this.cuts -= 1;
    response.write(part.subarray(0, Math.ceil(part.length / 2)), () => response.socket?.destroy());
  }
}

/** An HTTP server on a loopback port that stops with the test. */
export async function serveHttp(handler: Handler): Promise<string> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
