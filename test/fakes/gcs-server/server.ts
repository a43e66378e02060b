import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './bodies.ts';
import { FakeBucket } from './bucket.ts';
import { control } from './control.ts';
import { createApi } from './api.ts';
import { parseCall } from './route.ts';
import {
  ApiFault,
  type BucketSettings,
  type Call,
  type Fault,
  type FaultFor,
  type Policy,
} from './types.ts';
import type { Answer, Session } from './uploads.ts';

export type GcsServerOptions = {
  readonly port?: number;
  readonly buckets?: Readonly<Record<string, BucketSettings>>;
  /** Where bodies of more than 1 MiB and of resumable uploads are kept. */
  readonly large?: Place;
  /** By name: requests to `<url>/as/<name>` act as that identity. The plain endpoint may do everything. */
  readonly policies?: Readonly<Record<string, Policy>>;
  /** The largest page of a list, whatever size the request asks for. */
  readonly pageSize?: number;
  /** Whether permissions are checked before preconditions. */
  readonly deniesFirst?: boolean;
  /** Leaves out the size of an empty object, as Google's storage testbench does. */
  readonly omitsDefaults?: boolean;
};

export type GcsServer = {
  readonly url: string;
  /** The endpoint for one of the policies. */
  as(name: string): string;
  bucket(name: string): FakeBucket;
  readonly calls: Call[];
  /** The fault for a request; `undefined` for none. */
  faults: FaultFor | undefined;
  /** Clears the calls and restarts their count. */
  reset(): void;
  clock: Date | undefined;
  close(): Promise<void>;
};

/** A FAKE of the JSON API of Google Cloud Storage, for tests: it stores nothing permanently, authenticates nobody and listens on 127.0.0.1 only. */
export async function startGcsServer(options: GcsServerOptions = {}): Promise<GcsServer> {
  const { large = 'memory', policies = {}, pageSize = 1000 } = options;
  const { deniesFirst = false, omitsDefaults = false } = options;
  const sessions = new Map<string, Session>();
  const calls: Call[] = [];
  let position = 0;
  const server = createServer((req, res) => void serve(req, res));
  const state: GcsServer = {
    url: '',
    as: (name) => `${state.url}/as/${name}`,
    bucket: (name) => {
      const found = buckets.get(name);
      if (!found) throw new ApiFault(404, 'notFound', 'The specified bucket does not exist.');
      return found;
    },
    calls,
    faults: undefined,
    reset: () => {
      calls.length = 0;
      position = 0;
    },
    clock: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const { objects } of buckets.values())
        for (const { body } of objects.values()) await body.drop();
      for (const { sink, done } of sessions.values()) if (!done) await sink.drop();
    },
  };
  const now = (): Date => state.clock ?? new Date();
  const buckets = new Map(
    Object.entries(options.buckets ?? {}).map(([name, settings]) => [
      name,
      new FakeBucket(name, settings, now),
    ]),
  );

  const act = createApi({
    url: () => state.url,
    bucketOf: state.bucket,
    names: () => [...buckets.keys()],
    sessions,
    policies,
    pageSize,
    deniesFirst,
    omitsDefaults,
    large,
  });

  const answerFault = async (
    fault: Fault | undefined,
    req: IncomingMessage,
    res: ServerResponse,
  ): Promise<boolean> => {
    if (fault?.type === 'slow') await sleep(fault.ms);
    if (fault?.type === 'reset') req.destroy();
    if (fault?.type === 'status') {
      const {
        status,
        reason = status === 503 ? 'backendError' : 'fake',
        message = `The fake answers ${status}.`,
      } = fault;
      req.resume();
      reply(res, errorAnswer(new ApiFault(status, reason, message)));
    }
    return (
      fault?.type === 'reset' ||
      fault?.type === 'status' ||
      (fault?.type === 'stall' && fault.after === undefined)
    );
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    // Node removes the socket of a request whose connection is closed.
    const { socket } = req;
    res.setHeader('x-fake', 'lifeboat-fake-gcs');
    // Tests close connections on purpose.
    for (const each of [req, res]) each.on('error', () => undefined);
    if (req.url?.startsWith('/fake/') || req.url === '/')
      return reply(res, await control(state, req));
    const call = parseCall(req, (position += 1));
    if (!call) return reply(res, errorAnswer(new ApiFault(404, 'notFound', 'Not Found')));
    calls.push(call);
    const fault = state.faults?.(call);
    const late = fault !== undefined && 'afterwards' in fault && (fault.afterwards ?? false);
    try {
      if (!late && (await answerFault(fault, req, res))) return;
      const answer = await act(call, req, res, fault);
      if (late && !res.headersSent && (await answerFault(fault, req, res))) return;
      call.answer = answer?.status ?? res.statusCode;
      if (!answer) return;
      if (
        fault?.type === 'cut' &&
        !res.destroyed &&
        ['get', 'list', 'patch', 'bucket'].includes(call.kind)
      ) {
        res.writeHead(200, { 'content-length': '1000' }).write('{"name":');
        setTimeout(() => res.destroy(), 5);
        return;
      }
      reply(res, answer);
    } catch (error) {
      if (res.destroyed || res.headersSent || socket.destroyed) return;
      const known =
        error instanceof ApiFault ? error : new ApiFault(500, 'internalError', String(error));
      call.answer = known.status;
      req.resume();
      if (call.kind === 'download')
        res
          .writeHead(known.status, { 'content-type': 'text/html; charset=UTF-8' })
          .end(known.message);
      else reply(res, errorAnswer(known));
    }
  };

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return state;
}

function reply(res: ServerResponse, { status, headers = {}, json: value }: Answer): void {
  const body = value === undefined ? '' : JSON.stringify(value);
  res
    .writeHead(status, {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    .end(body);
}

function errorAnswer({ status, reason, message }: ApiFault): Answer {
  return {
    status,
    json: { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } },
  };
}
