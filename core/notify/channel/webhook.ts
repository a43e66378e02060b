import { createHmac, randomUUID } from 'node:crypto';
import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { BUSY, isOk, isPassing, post, retryAfterMs } from './http.ts';

export type WebhookOptions = {
  readonly url: string;
  /** Signs the body; the receiver has the same. */
  readonly secret: string | undefined;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

const HINTS: Readonly<Record<number, string>> = {
  401: 'The receiver wants to know who calls: let it check the signature with LIFEBOAT_WEBHOOK_SECRET, or put its token into the address.',
  403: 'The receiver refuses this caller: check that both sides have the same LIFEBOAT_WEBHOOK_SECRET.',
  404: 'Nothing is there: correct notify.webhook.url.',
  410: 'It is gone: correct notify.webhook.url.',
};

/**
 * `v1=` and the hex HMAC-SHA256 of `<timestamp>.<body>`; the timestamp lets a receiver refuse what
 * was recorded and sent again.
 */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Posts the signed JSON of `webhook-body.ts` to an address of the user's own. */
export function createWebhook({
  url: text,
  secret,
  now = () => new Date(),
  effort = EFFORT,
}: WebhookOptions): Channel {
  return {
    name: 'webhook',
    send: async (message, signal) => {
      const url = address(text);
      const key = secretOf(
        'LIFEBOAT_WEBHOOK_SECRET',
        secret,
        'Set it to a long random text, the same at the receiver.',
      );
      const body = JSON.stringify(message.webhook);
      // The same for every attempt, so that a receiver can recognise a repetition.
      const delivery = randomUUID();
      const secrets = [
        key,
        text.trim(),
        url.href,
        url.pathname.slice(1),
        url.search.slice(1),
        url.username,
        url.password,
      ];
      return withAttempts({ channel: 'webhook', secrets, effort, signal }, async (attempt) => {
        const timestamp = String(Math.floor(now().getTime() / 1000));
        const headers = {
          'x-lifeboat-delivery': delivery,
          'x-lifeboat-timestamp': timestamp,
          'x-lifeboat-signature': webhookSignature(key, timestamp, body),
        };
        const bare = new URL(url);
        [bare.username, bare.password] = ['', ''];
        const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
        const basic = url.username
          ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
          : {};
        const answer = await post(bare.href, { ...headers, ...basic }, body, attempt);
        if (isOk(answer.status)) return {};
        const again = isPassing(answer.status);
        const moved =
          answer.status >= 300 && answer.status < 400
            ? 'It points elsewhere: give the final address as notify.webhook.url.'
            : undefined;
        throw serviceFailure(
          `${url.host} answered ${answer.status}`,
          moved ??
            HINTS[answer.status] ??
            (again ? BUSY : 'Look at the log of the receiver for why it refuses the message.'),
          {
            transient: again,
            retryAfterMs: retryAfterMs(answer.headers.get('retry-after'), now()),
          },
        );
      });
    },
  };
}

function address(text: string): URL {
  const url = URL.parse(text.trim());
  const local = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const decodable = url !== null && !/%(?![0-9a-f]{2})/i.test(`${url.username}${url.password}`);
  if (decodable && (url.protocol === 'https:' || (url.protocol === 'http:' && local))) return url;
  throw new LifeboatError(
    'config_invalid',
    'the webhook has no https address',
    'Give notify.webhook.url as https://…',
  );
}
