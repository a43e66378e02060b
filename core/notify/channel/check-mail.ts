import { LifeboatError } from '../../lib/errors.ts';
import { redact, secretOf } from '../channel.ts';
import { checkSmtp } from './email-smtp.ts';

export type MailCheck = {
  readonly provider: 'sendgrid' | 'smtp';
  readonly smtpUrl: string | undefined;
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  readonly signal: AbortSignal;
};
const HINT =
  'Make an API key with "Mail Send" at https://app.sendgrid.com/settings/api_keys and set SENDGRID_API_KEY to it.';

/**
 * Looks whether mail could be sent, and sends none. Throws `notify_failed` or `config_invalid`,
 * with no secret in it.
 */
export async function checkMail(mail: MailCheck): Promise<string> {
  if (mail.provider === 'sendgrid') return checkSendGrid(mail);
  try {
    return await checkSmtp(mail.smtpUrl, mail.signal);
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error;
    throw new LifeboatError(error.code, redact(error.message, [mail.smtpUrl ?? '']), error.hint);
  }
}

/**
 * https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access
 */
async function checkSendGrid({ apiKey, baseUrl, signal }: MailCheck): Promise<string> {
  const key = secretOf('SENDGRID_API_KEY', apiKey, HINT);
  const base = (baseUrl?.trim() || 'https://api.sendgrid.com').replace(/\/+$/, '');
  const response = await fetch(`${base}/v3/scopes`, {
    redirect: 'manual',
    signal,
    headers: { authorization: `Bearer ${key}`, 'user-agent': 'lifeboat' },
  }).catch(() => {
    throw failed(
      'SendGrid did not answer',
      'See https://status.sendgrid.com, SENDGRID_BASE_URL and this network.',
    );
  });
  const body = (await response.json().catch(() => ({}))) as { scopes?: unknown } | null;
  if (response.status === 401 || response.status === 403)
    throw failed(`SendGrid does not know the key (${response.status})`, HINT);
  if (!response.ok || !Array.isArray(body?.scopes))
    throw failed(`SendGrid answered ${response.status}`, 'Try `lifeboat notify-test`.');
  if (!body.scopes.includes('mail.send'))
    throw failed('the key of SendGrid may not send mail', HINT);
  return 'SendGrid knows the key, which may send mail; whether the sender is verified shows `lifeboat notify-test`';
}

function failed(message: string, hint: string) {
  return new LifeboatError('notify_failed', message, hint);
}
