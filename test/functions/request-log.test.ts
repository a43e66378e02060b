import { EventEmitter } from 'node:events';
import type { Request, Response } from '@google-cloud/functions-framework';
import { expect, test } from 'vitest';
import { logRequest } from '../../functions/request-log.ts';
import { traced, traceOf } from '../../functions/trace.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

const answered = async (status: number, finished: boolean): Promise<Record<string, unknown>> => {
  const headers: Record<string, string> = { 'user-agent': 'curl/8' };
  const request = {
    method: 'GET',
    originalUrl: '/status?filter=secret',
    httpVersion: '1.1',
    get: (name: string) => headers[name],
  };
  const response = Object.assign(new EventEmitter(), {
    statusCode: status,
    writableFinished: finished,
  });
  const lines: Record<string, unknown>[] = [];
  await traced(`00-${TRACE}-b7ad6b7169203331-01`, async () =>
    logRequest(
      (severity, message, fields) =>
        void lines.push({ severity, message, ...fields, trace: traceOf('acme') }),
      request as unknown as Request,
      response as unknown as Response,
    ),
  );
  // From outside the request, as a socket does.
  response.emit('close');
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
};

test('a request is logged when it has ended, in the shape of Cloud Logging, with its trace and without its query', async () => {
  expect(await answered(200, true)).toEqual({
    severity: 'INFO',
    message: 'GET /status: 200',
    event: 'request',
    trace: `projects/acme/traces/${TRACE}`,
    httpRequest: {
      requestMethod: 'GET',
      requestUrl: '/status',
      status: 200,
      latency: expect.stringMatching(/^\d+\.\d{3}s$/),
      userAgent: 'curl/8',
      protocol: 'HTTP/1.1',
    },
  });
});

test.each([
  ['the server is at fault', 503, true, 'WARNING', 503],
  ['the caller hung up', 200, false, 'INFO', 499],
] as const)('when %s, the log line says so', async (_, status, finished, severity, logged) => {
  expect(await answered(status, finished)).toMatchObject({
    severity,
    httpRequest: { status: logged },
  });
});
