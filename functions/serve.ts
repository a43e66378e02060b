import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { systemCode } from '../core/lib/errors.ts';
import { createGate } from './gate.ts';
import { isCrossSite } from './cross-site.ts';
import { allowPageBackups, serveToken, stopHandlers } from './index.ts';
import { bypassBodyParsers } from './request-body.ts';

// Serves all functions from one process. functions-framework itself serves one function per
// process, on all addresses.
const [port = '0', host = '127.0.0.1'] = process.argv.slice(2);
allowPageBackups();
const isAllowed = createGate(serveToken);
const servers = new Map<string, Server>();
function serverOf(name: string): Server {
  const server = servers.get(name) ?? getTestServer(name);
  servers.set(name, server);
  return server;
}

const TOPIC = /^\/projects\/[^/]+\/topics\/lifeboat-(backup|restore-test|watch)$/;
const HTTP = /^\/(backup-now|status)(?=\/|\?|$)/;

/** The function behind a path, and the path as this function sees it in the cloud. */
function route(url: string): { name: string; url: string } {
  const topic = TOPIC.exec(url)?.[1];
  if (topic !== undefined) return { name: topic, url };
  const name = HTTP.exec(url)?.[1];
  return name === undefined
    ? { name: 'status', url }
    : { name, url: url.slice(name.length + 1).replace(/^(?=\?|$)/, '/') };
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const refusal = isAllowed(request);
  if (refusal) return void response.writeHead(refusal.status, refusal.headers).end();
  const { name, url } = route(request.url ?? '/');
  // Express keeps `originalUrl`, from which the function computes the prefix of its links.
  Object.assign(request, { originalUrl: request.url });
  if (name === 'backup-now' || name === 'status') bypassBodyParsers(request);
  // A message starts work and needs no token here, so no web page may send one.
  else if (isCrossSite(request.headers)) return void response.writeHead(403).end();
  request.url = url;
  serverOf(name).emit('request', request, response);
});
server.requestTimeout = 0;
server.once('error', (error) => {
  process.send?.({ refused: systemCode(error) ?? error.message }, () => process.exit(1));
});
server.listen(Number(port), host, () => process.send?.({ listening: server.address() }));

/** How long running backups may take to end by themselves. */
const STOP_PATIENCE_MS = 8000;
/** A run that was aborted has ten seconds for its record; the command line waits 20 s in all. */
const RECORD_MS = 11_000;
// With the parent its end of these pipes is gone, and the runs must still be recorded.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
let stopping = false;
function stop(patienceMs: number): void {
  if (stopping) return;
  stopping = true;
  server.close();
  setTimeout(() => process.exit(1), patienceMs + RECORD_MS).unref();
  void stopHandlers(patienceMs).then(() => process.exit(0));
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop(STOP_PATIENCE_MS));
// The parent has died: nobody waits for the runs.
process.on('disconnect', () => stop(0));
