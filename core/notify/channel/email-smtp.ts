import { randomUUID } from 'node:crypto';
import type { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, channelError, secretOf, type Channel } from '../channel.ts';
import { MAIL_HEADERS, recipientsOf, senderOf, type MailOptions } from '../message/mail.ts';
import { parseSmtpUrl, type SmtpServer } from './smtp-url.ts';

export type SmtpOptions = MailOptions & {
  readonly url: string | undefined;
  /** A further certificate authority, PEM; for a server with a private one. */
  readonly ca?: string;
  readonly effort?: Effort;
};

const URL_HINT = 'Set SMTP_URL to smtps://user:password@host:465 or smtp://user:password@host:587.';
// Codes of nodemailer (lib/errors), for failures before the server replied.
const SMTP_HINTS: Readonly<Record<string, string>> = {
  EAUTH: 'Check the user and the password in SMTP_URL; many providers require an app password.',
  ENOAUTH: 'The server requires a user and a password: add them to SMTP_URL.',
  ETLS: 'Use the host name that is in the certificate of the server, and smtps:// for port 465.',
  EDNS: 'Correct the host in SMTP_URL: its name does not resolve.',
};
const CONNECTION_HINT =
  'Check host and port in SMTP_URL, and that this network allows the port (many clouds block 25).';
const REFUSED_HINT =
  'Check notify.email.from and notify.email.to, and that the server relays for this sender.';

type MailerError = { code?: string; responseCode?: number; message: string };

/** Sends through any mail server, with nodemailer. */
export function createSmtp({ url, ca, effort = EFFORT, to, from }: SmtpOptions): Channel {
  return {
    name: 'email-smtp',
    send: async ({ subject, text, html }, signal) => {
      const secret = secretOf('SMTP_URL', url, URL_HINT);
      const server = parseSmtpUrl(secret);
      const sender = senderOf(from);
      const mail = {
        from: { name: sender.name, address: sender.email },
        to: recipientsOf(to).map(({ name, email }) => ({ name, address: email })),
        subject,
        text,
        html,
        headers: { ...MAIL_HEADERS },
        // One id for all attempts: a mailbox that got the mail twice shows it once.
        messageId: `<${randomUUID()}@${sender.email.slice(sender.email.lastIndexOf('@') + 1)}>`,
      };
      const { createTransport } = await import('nodemailer');
      const transport = createTransport(transportOf(server, ca, effort.attemptMs));
      const secrets = [secret, ...spellings(server)];
      try {
        return await withAttempts(
          { channel: 'email-smtp', secrets, effort, signal },
          async (attempt) => {
            const { rejected: refused } = await transport
              .sendMail({ ...mail, signal: attempt })
              .catch((error: unknown) => {
                throw smtpFailure(error);
              });
            return refused.length > 0
              ? {
                  warning: `the server refused ${refused.length} of ${mail.to.length} recipients: ${refused.join(', ')}`,
                }
              : {};
          },
        );
      } finally {
        transport.close();
      }
    },
  };
}

/**
 * Connects, authenticates and disconnects; sends nothing. Throws `config_invalid` or
 * `notify_failed`, without a secret.
 */
export async function checkSmtp(
  url: string | undefined,
  signal: AbortSignal,
  attemptMs = EFFORT.attemptMs,
): Promise<string> {
  const secret = secretOf('SMTP_URL', url, URL_HINT);
  const server = parseSmtpUrl(secret);
  const { createTransport } = await import('nodemailer');
  const transport = createTransport(transportOf(server, undefined, attemptMs));
  const end = () => transport.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    await transport.verify();
    return `${server.host}:${server.port} accepts the connection${server.auth ? ' and the password' : ''}`;
  } catch (error) {
    throw channelError('email-smtp', smtpFailure(error), [secret, ...spellings(server)]);
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

function transportOf(
  { host, port, security, auth }: SmtpServer,
  ca: string | undefined,
  attemptMs: number,
) {
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'required',
    ignoreTLS: security === 'never',
    ...(auth ? { auth } : {}),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: attemptMs,
    greetingTimeout: attemptMs,
    socketTimeout: attemptMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/**
 * A password as it may come back in the answer of a server: plain, and as AUTH LOGIN and AUTH PLAIN
 * encode it.
 */
function spellings({ auth }: SmtpServer): string[] {
  return auth
    ? [
        auth.pass,
        Buffer.from(auth.pass).toString('base64'),
        Buffer.from(`\0${auth.user}\0${auth.pass}`).toString('base64'),
      ]
    : [];
}

/**
 * RFC 5321: 4yz replies are transient, 5yz are permanent. Without a reply, only a failed connection is
 * worth another attempt.
 */
function smtpFailure(error: unknown): LifeboatError {
  const {
    code = '',
    responseCode,
    message,
  } = (error instanceof Error ? error : new Error(String(error))) as MailerError;
  const certificate = /certificate|self-signed|altname/i.test(message);
  const again =
    responseCode === undefined
      ? ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS'].includes(code) && !certificate
      : responseCode < 500 && responseCode >= 400;
  const hint = certificate
    ? SMTP_HINTS['ETLS']
    : (SMTP_HINTS[code] ?? (responseCode === undefined ? CONNECTION_HINT : REFUSED_HINT));
  return serviceFailure(message, hint ?? CONNECTION_HINT, { transient: again });
}
