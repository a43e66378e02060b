import type { Request, Response } from '@google-cloud/functions-framework';
import type { LifeboatError } from '../core/lib/errors.ts';

const BEAT_MS = 15_000;
const LEAST_BETWEEN_MS = 1000;

export type Answer = {
  progress(step: string, done: number, total: number): void;
  done(document: object): void;
  failed(error: LifeboatError): void;
};

/** RFC 9457. The code, not the title, is what scripts go by. */
export function problem(response: Response, error: LifeboatError, status = error.http): void {
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
        ...plain(error),
      }),
    );
}

/** The form that the caller asked for. */
export function answerTo(request: Request, response: Response, now: () => number): Answer {
  return request.accepts(['application/json', 'application/x-ndjson']) === 'application/x-ndjson'
    ? lines(response, now)
    : document(response);
}

function plain({ code, message, hint }: LifeboatError) {
  return { code, message, hint };
}

/** One JSON object a line. The status is sent with the first, so it is the last line that says whether it worked. */
function lines(response: Response, now: () => number): Answer {
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
      if (now() - last < LEAST_BETWEEN_MS) return;
      last = now();
      write({ event: 'progress', step, done, total });
    },
    done: (value) => end({ ok: true, ...value }),
    failed: (error) => end({ ok: false, status: error.http, error: plain(error) }),
  };
}

function document(response: Response): Answer {
  return {
    progress: () => undefined,
    done: (value) =>
      void response
        .status(200)
        .set('cache-control', 'no-store')
        .json({ ok: true, ...value }),
    failed: (error) => problem(response, error),
  };
}
