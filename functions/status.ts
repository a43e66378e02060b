import type { Request, Response } from '@google-cloud/functions-framework';
import { LifeboatError, toLifeboatError } from '../core/errors.ts';
import { problem } from './answer.ts';
import type { Door } from './door.ts';

/** GET: the state of every configured database. */
export const status = async ({ open }: Door, request: Request, response: Response): Promise<void> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.set('allow', 'GET, HEAD');
    return problem(response, new LifeboatError('usage', `${request.method} is not for asking`, 'Use GET.'), 405);
  }
  try {
    const document = await (await open()).status({ fromSummaries: true });
    response
      .status(200)
      .set('cache-control', 'no-store')
      .json({ ok: true, ...document });
  } catch (cause) {
    problem(response, toLifeboatError(cause));
  }
};
