import type { IncomingHttpHeaders } from 'node:http';

/** How far the time of the schedule may be from now: Cloud Scheduler retries for hours at most. */
const FARTHEST_MS = 86_400_000;

/**
 * The time of the schedule for which Cloud Scheduler made this request; `undefined` for any other
 * caller. Cloud Run has checked the ID token in `Authorization`, and removed its signature, before
 * the request arrives here. It checks `X-Serverless-Authorization` instead where a request has both
 * (https://cloud.google.com/run/docs/authenticating/service-to-service), and then anybody could
 * have written `Authorization`: such a request is not from Cloud Scheduler.
 */
export function scheduledTime(
  headers: IncomingHttpHeaders,
  scheduler: string | undefined,
  now: Date,
): Date | undefined {
  if (!scheduler || headers['x-serverless-authorization'] !== undefined) return undefined;
  if (callerOf(headers.authorization) !== scheduler) return undefined;
  const header = headers['x-cloudscheduler-scheduletime'];
  const time = new Date(typeof header === 'string' ? header : Number.NaN);
  return Math.abs(time.getTime() - now.getTime()) <= FARTHEST_MS ? time : now;
}

/** The email address in an ID token. */
function callerOf(authorization = ''): unknown {
  const payload = /^bearer [\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization)?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'email' in claims
      ? claims.email
      : undefined;
  } catch {
    return undefined;
  }
}
