import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { SERVICE_BUSY, isTransientStatus, retryAfterMs } from './http.ts';
import { MAIL_HEADERS, recipientsOf, senderOf, type MailOptions } from '../message/mail.ts';
import type { Message } from '../message/message.ts';

export type SendGridOptions = MailOptions & {
  readonly apiKey: string | undefined;
  /** `https://api.eu.sendgrid.com` for accounts whose data stays in the EU. */
  readonly baseUrl?: string;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

const SENDGRID_KEY_HINT =
  'Create an API key with "Mail Send" at https://app.sendgrid.com/settings/api_keys and set SENDGRID_API_KEY to it.';
const SENDER_HINT =
  'Verify the address of notify.email.from at https://app.sendgrid.com/settings/sender_auth.';
const SENDGRID_HINTS: Readonly<Record<number, string>> = {
  400: `Check notify.email.to and notify.email.from. ${SENDER_HINT}`,
  401: `The key is wrong, or the account has used up its mails. ${SENDGRID_KEY_HINT}`,
  403: `The sender is not verified, or the key may not send mail. ${SENDER_HINT} ${SENDGRID_KEY_HINT}`,
  413: 'The mail is too large: please report it.',
  451: 'The account belongs to another region: set SENDGRID_BASE_URL to https://api.eu.sendgrid.com.',
};

type SendGridError = { code: number; headers: Readonly<Record<string, unknown>>; reason: string };

/**
 * What the package has at run time and its types do not say: the class, its own client per
 * instance, and every option of axios.
 */
type SendGridModule = {
  MailService: new () => {
    client: {
      setDefaultHeader(name: string, value: string): void;
      setDefaultRequest(options: Readonly<Record<string, unknown>>): void;
    };
    send(mail: ReturnType<typeof mailOf>): Promise<unknown>;
  };
};

/** SendGrid's v3 API by its own client. */
export function createSendGrid({
  apiKey,
  baseUrl,
  now = () => new Date(),
  effort = EFFORT,
  ...options
}: SendGridOptions): Channel {
  return {
    name: 'email-sendgrid',
    send: async (message, signal) => {
      const key = secretOf('SENDGRID_API_KEY', apiKey, SENDGRID_KEY_HINT);
      const mail = mailOf(options, message);
      const base = baseUrl?.trim();
      if (base && !URL.canParse(base))
        throw new LifeboatError(
          'config_invalid',
          'SENDGRID_BASE_URL is not a URL',
          'Leave it unset, or set it to https://api.eu.sendgrid.com.',
        );
      const { MailService } = await import('@sendgrid/mail').then(
        (module) => module.default as unknown as SendGridModule,
      );
      return withAttempts(
        { channel: 'email-sendgrid', secrets: [key], effort, signal },
        async (attempt) => {
          const service = new MailService();
          // Not setApiKey: it prints a warning into the log for a key that does not begin with
          // "SG.", and resets the base URL.
          service.client.setDefaultHeader('Authorization', `Bearer ${key}`);
          service.client.setDefaultRequest({
            ...(base ? { baseUrl: base } : {}),
            timeout: effort.attemptMs,
            signal: attempt,
            maxRedirects: 0,
            maxContentLength: 1 << 20,
          });
          try {
            await service.send(mail);
            return {};
          } catch (error) {
            throw sendGridFailure(error, now());
          }
        },
      );
    },
  };
}

function mailOf({ to, from }: MailOptions, { subject, text, html }: Message) {
  return {
    to: recipientsOf(to),
    from: senderOf(from),
    subject,
    text,
    html,
    headers: { ...MAIL_HEADERS },
    // Tracking would rewrite the link to the log and load a picture from a stranger.
    trackingSettings: {
      clickTracking: { enable: false, enableText: false },
      openTracking: { enable: false },
    },
  };
}

function headerText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function sendGridFailure(error: unknown, now: Date): LifeboatError {
  const answer = sendGridError(error);
  if (!answer) {
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string'
        ? error.code
        : 'no connection';
    return serviceFailure(
      `no answer (${code})`,
      'Check https://status.sendgrid.com, and that this network reaches SendGrid.',
      {
        transient: true,
      },
    );
  }
  const { code, headers, reason } = answer;
  const reset = Number(headerText(headers['x-ratelimit-reset']));
  const waitMs =
    retryAfterMs(headerText(headers['retry-after']), now) ??
    (code === 429 && Number.isFinite(reset)
      ? Math.max(0, reset * 1000 - now.getTime())
      : undefined);
  const hint = SENDGRID_HINTS[code] ?? (isTransientStatus(code) ? SERVICE_BUSY : SENDGRID_KEY_HINT);
  return serviceFailure(`the service answered ${code} ${reason}`.trim(), hint, {
    transient: isTransientStatus(code) && code !== 451,
    retryAfterMs: waitMs,
  });
}

/**
 * The client rejects with its own ResponseError when there was an answer, and with axios's error,
 * which holds the key, when there was none.
 */
function sendGridError(error: unknown): SendGridError | undefined {
  if (
    !(error instanceof Error) ||
    !('code' in error) ||
    typeof error.code !== 'number' ||
    !('response' in error)
  )
    return undefined;
  const { headers = {}, body } = error.response as {
    headers?: Record<string, unknown>;
    body?: unknown;
  };
  const errors =
    typeof body === 'object' && body !== null && 'errors' in body && Array.isArray(body.errors)
      ? (body.errors as unknown[])
      : [];
  const reasons = errors.flatMap((each) =>
    typeof each === 'object' &&
    each !== null &&
    'message' in each &&
    typeof each.message === 'string'
      ? [each.message]
      : [],
  );
  return { code: error.code, headers, reason: reasons.join('; ') };
}
