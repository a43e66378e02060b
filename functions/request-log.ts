import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, Response } from '@google-cloud/functions-framework';
import type { Log } from '../core/lib/log/log.ts';

/**
 * Logs the request when it has ended, in the shape that Cloud Logging recognises:
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest
 */
export function logRequest(log: Log, request: Request, response: Response): void {
  const began = performance.now();
  // Without the query, which may contain what a person searched for.
  const [path = '/'] = request.originalUrl.split('?');
  // `close` is emitted outside the request, so the handler is bound to it: the line needs its
  // trace.
  const onClose = AsyncLocalStorage.bind(() => {
    const seconds = (performance.now() - began) / 1000;
    // A caller that hung up got no response.
    const status = response.writableFinished ? response.statusCode : 499;
    log(status < 500 ? 'INFO' : 'WARNING', `${request.method} ${path}: ${status}`, {
      event: 'request',
      httpRequest: {
        requestMethod: request.method,
        requestUrl: path,
        status,
        latency: `${seconds.toFixed(3)}s`,
        userAgent: request.get('user-agent') ?? '',
        protocol: `HTTP/${request.httpVersion}`,
      },
    });
  });
  response.once('close', onClose);
}
