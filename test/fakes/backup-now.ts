import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Asked = {
  readonly key: string | undefined;
  readonly token: string | undefined;
  readonly body: Record<string, unknown>;
};
export type Reply = (response: ServerResponse, asked: Asked) => void;

/** A document as the function answers it. */
export const MADE = {
  id: '20261123T030000Z-1a2b3c4d',
  database: 'shop',
  kind: 'full',
  parent: null,
  verdict: 'ok',
  pages: { size: 4096, count: 10, stored: 10 },
  size: 40_960,
  sha256: 'ab'.repeat(32),
  storedBytes: 4096,
  checks: [{ name: 'integrity', result: 'ok', engine: 'sql.js' }],
  expires: '2026-12-07T03:00:00.000Z',
  takenAt: '2026-11-23T03:00:01.000Z',
  held: true,
  salvage: false,
  reason: 'pre-deploy',
  durationMs: 1200,
  copies: [],
};

const NDJSON = { 'content-type': 'application/x-ndjson' };
const HTML = { 'content-type': 'text/html; charset=UTF-8' };

export function lines(...values: object[]): Reply {
  return (response) => void response.writeHead(200, NDJSON).end(values.map(line).join(''));
}

export function json(status: number, value: unknown, type = 'application/json'): Reply {
  return (response) =>
    void response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
}

export function html(status: number, headers: Record<string, string> = {}): Reply {
  return (response) =>
    void response
      .writeHead(status, { ...HTML, ...headers })
      .end('<html><title>Sorry</title></html>');
}

/** Starts to respond, then the connection breaks. */
export function cut(...values: object[]): Reply {
  return (response) => {
    response.writeHead(200, NDJSON).write(values.map(line).join(''), () => response.destroy());
  };
}

/** Starts to respond, then sends nothing more. */
export function silent(...values: object[]): Reply {
  return (response) => {
    response.writeHead(200, NDJSON);
    response.write(values.map(line).join(''));
    response.flushHeaders();
  };
}

/** A fake of the function on the loopback interface: one reply for each request, then the last one again. Stops with the test. */
export async function startBackupNow(...replies: readonly Reply[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const seen: Asked = {
        key: request.headers['idempotency-key'] as string | undefined,
        token: request.headers.authorization,
        body: JSON.parse(body) as Record<string, unknown>,
      };
      asked.push(seen);
      (replies[asked.length - 1] ?? replies.at(-1))?.(response, seen);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/backup-now`, asked };
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}
