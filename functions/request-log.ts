import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request, Response } from '@google-cloud/functions-framework';
import type { Log } from '../core/lib/log.ts';

/** Logs the request when it is over, in the shape that Cloud Logging lifts: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest */
export function logAnswer(log: Log, request: Request, response: Response): void {
  const began = performance.now();
  // As the caller wrote it, and without its query: nobody's search is anybody's business.
  const [path = '/'] = request.originalUrl.split('?');
  // Whoever closes the connection is not working on this request, whose trace the line is to carry.
  const ended = AsyncLocalStorage.bind(() => {
    const seconds = (performance.now() - began) / 1000;
    // A caller that hung up got no answer, whatever was meant to be sent.
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
  response.once('close', ended);
}
