import { createHmac, randomUUID } from 'node:crypto';
import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import {
  SERVICE_BUSY,
  isOk,
  isTransientStatus,
  post,
  retryAfterMs,
  type HttpAnswer,
} from './http.ts';

export type WebhookOptions = {
  readonly url: string;
  /** Signs the body; the receiver has the same secret. */
  readonly secret: string | undefined;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

const SECRET_HINT = 'Set it to a long random text, the same at the receiver.';
const REDIRECT_HINT =
  'Set notify.webhook.url to the final URL: Lifeboat does not follow redirects.';
const RECEIVER_HINT = 'Read the log of the receiver to see why it refuses the message.';
const WEBHOOK_HINTS: Readonly<Record<number, string>> = {
  401: 'The receiver requires authentication: let it check the signature with LIFEBOAT_WEBHOOK_SECRET, or put its token into the URL.',
  403: 'Check that both sides have the same LIFEBOAT_WEBHOOK_SECRET.',
  404: 'Correct notify.webhook.url: nothing is there.',
  410: 'Correct notify.webhook.url: the receiver no longer exists.',
};

/**
 * `v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`; the timestamp lets a receiver refuse a
 * recorded message.
 */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Posts the signed JSON of `webhook-body.ts` to the user's own URL. */
export function createWebhook({
  url: text,
  secret,
  now = () => new Date(),
  effort = EFFORT,
}: WebhookOptions): Channel {
  return {
    name: 'webhook',
    send: async (message, signal) => {
      const url = webhookAddress(text);
      const key = secretOf('LIFEBOAT_WEBHOOK_SECRET', secret, SECRET_HINT);
      const body = JSON.stringify(message.webhook);
      // The same for every attempt, so that a receiver can recognise a repetition.
      const delivery = randomUUID();
      const secrets = [key, text.trim(), ...urlSecrets(url)];
      return withAttempts({ channel: 'webhook', secrets, effort, signal }, async (attempt) => {
        const headers = { 'x-lifeboat-delivery': delivery, ...signedHeaders(key, body, now()) };
        const { bare, authorization } = withoutCredentials(url);
        const answer = await post(bare, { ...headers, ...authorization }, body, attempt);
        if (isOk(answer.status)) return {};
        throw receiverRefusal(url, answer, now());
      });
    },
  };
}

function signedHeaders(key: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  return {
    'x-lifeboat-timestamp': timestamp,
    'x-lifeboat-signature': webhookSignature(key, timestamp, body),
  };
}

function urlSecrets(url: URL): string[] {
  return [url.href, url.pathname.slice(1), url.search.slice(1), url.username, url.password];
}

/** `fetch` refuses credentials in a URL, so they go into a header. */
function withoutCredentials(url: URL): { bare: string; authorization: Record<string, string> } {
  const bare = new URL(url);
  [bare.username, bare.password] = ['', ''];
  if (!url.username) return { bare: bare.href, authorization: {} };
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { bare: bare.href, authorization: { authorization: basic } };
}

function receiverRefusal({ host }: URL, { status, headers }: HttpAnswer, now: Date): LifeboatError {
  const isTransient = isTransientStatus(status);
  const hint =
    status >= 300 && status < 400
      ? REDIRECT_HINT
      : (WEBHOOK_HINTS[status] ?? (isTransient ? SERVICE_BUSY : RECEIVER_HINT));
  return serviceFailure(`${host} answered ${status}`, hint, {
    transient: isTransient,
    retryAfterMs: retryAfterMs(headers.get('retry-after'), now),
  });
}

function webhookAddress(text: string): URL {
  const url = URL.parse(text.trim());
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const decodable = url !== null && !/%(?![0-9a-f]{2})/i.test(`${url.username}${url.password}`);
  if (decodable && (url.protocol === 'https:' || (url.protocol === 'http:' && local))) return url;
  throw new LifeboatError(
    'config_invalid',
    'notify.webhook.url is not an https:// URL',
    'Set notify.webhook.url to https://…',
  );
}
