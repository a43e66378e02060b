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
const API_KEY_HINT =
  'Create an API key with "Mail Send" at https://app.sendgrid.com/settings/api_keys and set SENDGRID_API_KEY to it.';

/**
 * Checks whether mail could be sent, and sends none. Throws `notify_failed` or `config_invalid`,
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
  const key = secretOf('SENDGRID_API_KEY', apiKey, API_KEY_HINT);
  const base = (baseUrl?.trim() || 'https://api.sendgrid.com').replace(/\/+$/, '');
  const response = await fetch(`${base}/v3/scopes`, {
    redirect: 'manual',
    signal,
    headers: { authorization: `Bearer ${key}`, 'user-agent': 'lifeboat' },
  }).catch(() => {
    throw mailCheckFailure(
      'SendGrid did not answer',
      'Check https://status.sendgrid.com, SENDGRID_BASE_URL and this network.',
    );
  });
  const body = (await response.json().catch(() => ({}))) as { scopes?: unknown } | null;
  if (response.status === 401 || response.status === 403)
    throw mailCheckFailure(`SendGrid rejects the API key (${response.status})`, API_KEY_HINT);
  if (!response.ok || !Array.isArray(body?.scopes))
    throw mailCheckFailure(`SendGrid answered ${response.status}`, 'Try `lifeboat notify-test`.');
  if (!body.scopes.includes('mail.send'))
    throw mailCheckFailure('the SendGrid API key has no right to send mail', API_KEY_HINT);
  return 'SendGrid accepts the API key; `lifeboat notify-test` shows whether the sender is verified';
}

function mailCheckFailure(message: string, hint: string) {
  return new LifeboatError('notify_failed', message, hint);
}
