import { secretParts } from '../lib/log/secret-parts.ts';
import type { Config } from './types.ts';

/** The variables whose values are secrets. In the cloud, Secret Manager sets them. */
export const ENVIRONMENT_SECRETS: readonly string[] = [
  'DISCORD_WEBHOOK_URL',
  'LIFEBOAT_HTTPS_TOKEN',
  'LIFEBOAT_IDENTITY',
  'LIFEBOAT_ID_TOKEN',
  'LIFEBOAT_KEY',
  'LIFEBOAT_PUSH_URL',
  'LIFEBOAT_SERVE_TOKEN',
  'LIFEBOAT_SSH_KEY',
  'LIFEBOAT_WEBHOOK_SECRET',
  'NTFY_TOKEN',
  'SENDGRID_API_KEY',
  'SLACK_WEBHOOK_URL',
  'SMTP_URL',
  'TEAMS_WEBHOOK_URL',
  'TELEGRAM_BOT_TOKEN',
];

export type SecretNeed = {
  readonly name: string;
  /** The databases or the channel that use it. */
  readonly by: string;
  /** Whether something fails without it, or only works less well. */
  readonly must: boolean;
  readonly hint: string;
};

/** What a redaction hides of the secrets in the environment. */
export function environmentSecrets(env: Readonly<Record<string, string | undefined>>): string[] {
  return ENVIRONMENT_SECRETS.flatMap((name) => secretParts(env[name] ?? ''));
}

/**
 * What a redaction hides of the addresses in the configuration: each may carry a token. What a name
 * of a database or a store has in it is none, and without these names no message would be of use.
 */
export function configuredSecrets(config: Config): string[] {
  const { watch, notify, databases, store, copies } = config;
  const ofDatabases = Object.values(databases).flatMap(({ health, ping }) => [health.url, ping]);
  const urls = [watch.ping, notify.webhook?.url, notify.ntfy?.url, ...ofDatabases];
  const names = [...Object.keys(databases), store, ...copies].map((name) => name.toLowerCase());
  return urls
    .flatMap((url) => secretParts(url ?? ''))
    .filter((part) => !names.some((name) => name.includes(part.toLowerCase())));
}

/**
 * The secrets that a configuration needs, by the names of their variables. `has` says which are
 * set.
 */
export function neededSecrets(config: Config, has: (name: string) => boolean): SecretNeed[] {
  const { notify } = config;
  return [...databaseNeeds(config), ...mailNeed(notify, has), ...channelNeeds(notify)];
}

/**
 * The mail service: SendGrid, unless only SMTP is set up. A missing secret must fail a channel that
 * is configured, so there is always one of the two.
 */
export function mailProvider(
  configured: 'sendgrid' | 'smtp' | undefined,
  hasSmtp: boolean,
  hasSendGrid: boolean,
): 'sendgrid' | 'smtp' {
  return configured ?? (hasSmtp && !hasSendGrid ? 'smtp' : 'sendgrid');
}

function databaseNeeds({ databases }: Config): SecretNeed[] {
  const all = Object.values(databases);
  const need = (users: typeof all, { name, must, hint }: Omit<SecretNeed, 'by'>): SecretNeed[] =>
    users.length === 0 ? [] : [{ name, by: users.map((each) => each.name).join(', '), must, hint }];
  return [
    ...need(
      all.filter(({ origin }) => origin.kind === 'ssh'),
      {
        name: 'LIFEBOAT_SSH_KEY',
        must: true,
        hint: 'Set it to the private key whose public key the server accepts.',
      },
    ),
    ...need(
      all.filter(({ origin }) => origin.kind === 'https' && origin.auth === 'bearer'),
      {
        name: 'LIFEBOAT_HTTPS_TOKEN',
        must: true,
        hint: 'Set it to the token, without the word Bearer, or set https.auth to none.',
      },
    ),
    ...need(
      all.filter(({ recipients }) => recipients.length > 0),
      {
        name: 'LIFEBOAT_KEY',
        must: false,
        hint: 'Create one with `lifeboat keygen`. Without it, every encrypted backup is full, and a planted backup is not detected.',
      },
    ),
  ];
}

function mailNeed({ email }: Config['notify'], has: (name: string) => boolean): SecretNeed[] {
  if (!email) return [];
  const provider = mailProvider(email.provider, has('SMTP_URL'), has('SENDGRID_API_KEY'));
  const need = { by: 'notify.email', must: true };
  return provider === 'smtp'
    ? [{ ...need, name: 'SMTP_URL', hint: 'Set it to smtps://user:password@host:465.' }]
    : [
        {
          ...need,
          name: 'SENDGRID_API_KEY',
          hint: 'Set it to an API key with "Mail Send", or set SMTP_URL for another mail server.',
        },
      ];
}

function channelNeeds({
  slack,
  telegram,
  webhook,
  ntfy,
  discord,
  teams,
}: Config['notify']): SecretNeed[] {
  const needs: SecretNeed[] = [];
  if (ntfy)
    needs.push({
      name: 'NTFY_TOKEN',
      by: 'notify.ntfy',
      must: false,
      hint: 'Set it to an access token if the topic is protected.',
    });
  if (discord)
    needs.push({
      name: 'DISCORD_WEBHOOK_URL',
      by: 'notify.discord',
      must: true,
      hint: 'Set it to the URL of the webhook.',
    });
  if (teams)
    needs.push({
      name: 'TEAMS_WEBHOOK_URL',
      by: 'notify.teams',
      must: true,
      hint: 'Set it to the URL of the workflow.',
    });
  if (slack)
    needs.push({
      name: 'SLACK_WEBHOOK_URL',
      by: 'notify.slack',
      must: true,
      hint: 'Set it to the URL of the incoming webhook.',
    });
  if (telegram)
    needs.push({
      name: 'TELEGRAM_BOT_TOKEN',
      by: 'notify.telegram',
      must: true,
      hint: 'Set it to the token from @BotFather.',
    });
  if (webhook)
    needs.push({
      name: 'LIFEBOAT_WEBHOOK_SECRET',
      by: 'notify.webhook',
      must: false,
      hint: 'Set it to sign the body; without it the receiver cannot check who sent it.',
    });
  return needs;
}
