import type { Config } from './types.ts';

export type SecretNeed = {
  readonly name: string;
  /** What needs it. */
  readonly by: string;
  /** Without it: a fault, or something that works less well. */
  readonly must: boolean;
  readonly hint: string;
};

/**
 * How mail is sent. SendGrid unless only the other is set up: a missing secret must be an error of
 * a channel, not a channel that is missing.
 */
export function mailProvider(
  named: 'sendgrid' | 'smtp' | undefined,
  hasSmtp: boolean,
  hasSendGrid: boolean,
): 'sendgrid' | 'smtp' {
  return named ?? (hasSmtp && !hasSendGrid ? 'smtp' : 'sendgrid');
}

/**
 * The secrets that a configuration needs, by the names of their variables. `has` says which are
 * there.
 */
export function neededSecrets(
  { databases, notify }: Config,
  has: (name: string) => boolean,
): SecretNeed[] {
  const all = Object.values(databases);
  const names = (those: typeof all): string => those.map(({ name }) => name).join(', ');
  const ssh = all.filter(({ origin }) => origin.kind === 'ssh');
  const bearer = all.filter(({ origin }) => origin.kind === 'https' && origin.auth === 'bearer');
  const encrypted = all.filter(({ recipients }) => recipients.length > 0);
  const need = (those: typeof all, name: string, must: boolean, hint: string): SecretNeed[] =>
    those.length === 0 ? [] : [{ name, by: names(those), must, hint }];
  return [
    ...need(
      ssh,
      'LIFEBOAT_SSH_KEY',
      true,
      'Set it to the private key whose public half the server lets in.',
    ),
    ...need(
      bearer,
      'LIFEBOAT_HTTPS_TOKEN',
      true,
      'Set it to the token alone, or set https.auth to none.',
    ),
    ...need(
      encrypted,
      'LIFEBOAT_KEY',
      false,
      'Without it every encrypted backup is full, and a planted one is not told apart: `lifeboat keygen` makes one.',
    ),
    ...mailNeed(notify, has),
    ...(notify.slack
      ? [
          {
            name: 'SLACK_WEBHOOK_URL',
            by: 'notify.slack',
            must: true,
            hint: 'Set it to the address of the incoming webhook.',
          },
        ]
      : []),
    ...(notify.telegram
      ? [
          {
            name: 'TELEGRAM_BOT_TOKEN',
            by: 'notify.telegram',
            must: true,
            hint: 'Set it to the token that @BotFather gave.',
          },
        ]
      : []),
    ...(notify.webhook
      ? [
          {
            name: 'LIFEBOAT_WEBHOOK_SECRET',
            by: 'notify.webhook',
            must: false,
            hint: 'Without it the body is not signed, and the receiver cannot tell who sent it.',
          },
        ]
      : []),
  ];
}

function mailNeed({ email }: Config['notify'], has: (name: string) => boolean): SecretNeed[] {
  if (!email) return [];
  const smtp = mailProvider(email.provider, has('SMTP_URL'), has('SENDGRID_API_KEY')) === 'smtp';
  const name = smtp ? 'SMTP_URL' : 'SENDGRID_API_KEY';
  const hint = smtp
    ? 'Set it to smtps://user:password@host:465.'
    : 'Set it to an API key with "Mail Send", or SMTP_URL for another mail server.';
  return [{ name, by: 'notify.email', must: true, hint }];
}
