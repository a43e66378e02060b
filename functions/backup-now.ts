import type { Request, Response } from '@google-cloud/functions-framework';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { readOrder, MAX_BYTES } from '../core/messages/messages.ts';
import { answerTo, problem } from './answer.ts';
import type { Door } from './door.ts';

/** POST {"database": "shop"}: answers when the backup is made and verified, or with the reason why there is none. */
export async function backupNow(
  { open, deadlineMs }: Door,
  request: Request,
  response: Response,
): Promise<void> {
  if (request.method !== 'POST') {
    response.set('allow', 'POST');
    return problem(
      response,
      new LifeboatError('usage', `${request.method} is not how a backup is asked for`, 'Use POST.'),
      405,
    );
  }
  // A caller that went away does not wait for a verified backup any more.
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let answer: ReturnType<typeof answerTo> | undefined;
  try {
    const { database, kind, reason, accept, expectMigrations } = readOrder(await bodyOf(request));
    if (database === '*')
      throw new LifeboatError(
        'usage',
        'one request backs up one database',
        'Name it; a message with * backs up all.',
      );
    const app = await open();
    app.requireConfigured(database);
    const key = request.get('idempotency-key');
    answer = answerTo(request, response, () => performance.now());
    const done = await app.backup(database, {
      kind,
      reason,
      accept,
      expectMigrations,
      signal: gone.signal,
      onProgress: answer.progress,
      ...(key === undefined ? {} : { key, claim: true }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    answer.done(done);
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (answer) answer.failed(error);
    else problem(response, error);
  }
}

/** Without a content type nobody has read the body yet. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  if (request.rawBody) return request.rawBody;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= MAX_BYTES + 1) parts.push(part);
  }
  return Buffer.concat(parts);
}
