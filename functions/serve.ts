import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import './index.ts';

// Every function in one process, behind one address of this machine only: functions-framework by itself serves one, and listens everywhere.
const [port = '0'] = process.argv.slice(2);
const servers = new Map<string, Server>();
function serverOf(name: string): Server {
  const server = servers.get(name) ?? getTestServer(name);
  servers.set(name, server);
  return server;
}

const TOPIC = /^\/projects\/[^/]+\/topics\/lifeboat-(backup|restore-test|watch)$/;
const HTTP = /^\/(backup-now|status)(?=\/|\?|$)/;

/** The function that a path is for, and the path as that function would see it on an address of its own. */
function route(url: string): { name: string; url: string } {
  const topic = TOPIC.exec(url)?.[1];
  if (topic !== undefined) return { name: topic, url };
  const called = HTTP.exec(url)?.[1];
  return called === undefined
    ? { name: 'status', url }
    : { name: called, url: url.slice(called.length + 1).replace(/^(?=\?|$)/, '/') };
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  // A page of the internet whose name was made to point here must not be answered.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? ''))
    return void response.writeHead(421).end();
  const { name, url } = route(request.url ?? '/');
  // What Express leaves as it is: from it the function knows what its links begin with.
  Object.assign(request, { originalUrl: request.url });
  request.url = url;
  serverOf(name).emit('request', request, response);
});
server.requestTimeout = 0;
server.listen(Number(port), '127.0.0.1', () => process.send?.({ listening: server.address() }));
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
