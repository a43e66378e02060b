import type { Request, Response } from '@google-cloud/functions-framework';
import type { LifeboatError } from '../core/lib/errors.ts';

const BEAT_MS = 15_000;
const PROGRESS_MS = 1000;

/** Sends the outcome of a run to the caller. */
export type RunReply = {
  progress(step: string, done: number, total: number): void;
  succeeded(document: object): void;
  failed(error: LifeboatError): void;
};

/** Sends a problem document, RFC 9457. Scripts read `code`; `title` repeats it. */
export function sendProblem(response: Response, error: LifeboatError, status = error.http): void {
  response
    .status(status)
    .type('application/problem+json')
    .set('cache-control', 'no-store')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: error.code,
        status,
        detail: `${error.message}. ${error.hint}`,
        ...errorFields(error),
      }),
    );
}

/** The reply in the form that the caller accepts. */
export function replyTo(request: Request, response: Response, now: () => number): RunReply {
  return request.accepts(['application/json', 'application/x-ndjson']) === 'application/x-ndjson'
    ? lineReply(response, now)
    : documentReply(response);
}

/**
 * For Cloud Scheduler, which tries again whatever is not 2xx: a failure that a retry cannot help is
 * answered with 200, after the run has logged and announced it. Progress is not sent.
 */
export function scheduledReply(response: Response): RunReply {
  const plain = documentReply(response);
  return {
    ...plain,
    failed: (error) =>
      error.retry
        ? plain.failed(error)
        : void response
            .status(200)
            .set('cache-control', 'no-store')
            .json({ ok: false, error: errorFields(error) }),
  };
}

function errorFields({ code, message, hint }: LifeboatError) {
  return { code, message, hint };
}

/**
 * One JSON object per line. The status goes out with the first line, so the last line has the
 * outcome.
 */
function lineReply(response: Response, now: () => number): RunReply {
  const write = (value: object) => void response.write(`${JSON.stringify(value)}\n`);
  const start = () => {
    if (!response.headersSent)
      response
        .status(200)
        .set('cache-control', 'no-store')
        .type('application/x-ndjson')
        .flushHeaders();
  };
  start();
  const beat = setInterval(() => write({ event: 'beat' }), BEAT_MS);
  let last = 0;
  const end = (value: object) => {
    clearInterval(beat);
    write(value);
    response.end();
  };
  response.once('close', () => clearInterval(beat));
  return {
    progress: (step, done, total) => {
      if (now() - last < PROGRESS_MS) return;
      last = now();
      write({ event: 'progress', step, done, total });
    },
    succeeded: (value) => end({ ok: true, ...value }),
    failed: (error) => end({ ok: false, status: error.http, error: errorFields(error) }),
  };
}

function documentReply(response: Response): RunReply {
  return {
    progress: () => undefined,
    succeeded: (value) =>
      void response
        .status(200)
        .set('cache-control', 'no-store')
        .json({ ok: true, ...value }),
    failed: (error) => sendProblem(response, error),
  };
}
