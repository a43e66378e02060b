import type { Effort } from './attempts.ts';
import type { Channel } from '../channel.ts';
import { mailProvider } from '../../config/secrets.ts';
import type { Command } from '../../lib/processes/command.ts';

/**
 * The `notify` part of the configuration, and the secrets that the composition root takes from the
 * environment.
 */
export type ChannelSettings = {
  readonly email?:
    | {
        readonly to: readonly string[];
        readonly from: string;
        readonly provider?: 'sendgrid' | 'smtp' | undefined;
      }
    | undefined;
  readonly slack?: Readonly<Record<string, unknown>> | undefined;
  readonly telegram?: { readonly chat: string } | undefined;
  readonly webhook?: { readonly url: string } | undefined;
  readonly ntfy?: { readonly topic: string; readonly url: string } | undefined;
  readonly discord?: Readonly<Record<string, unknown>> | undefined;
  readonly teams?: Readonly<Record<string, unknown>> | undefined;
  readonly command?: (Command & { readonly timeoutMs: number }) | undefined;
};

export type ChannelSecrets = {
  readonly sendGridApiKey?: string | undefined;
  readonly smtpUrl?: string | undefined;
  readonly slackWebhookUrl?: string | undefined;
  readonly telegramBotToken?: string | undefined;
  readonly webhookSecret?: string | undefined;
  readonly sendGridBaseUrl?: string | undefined;
  readonly telegramBaseUrl?: string | undefined;
  readonly ntfyToken?: string | undefined;
  readonly discordWebhookUrl?: string | undefined;
  readonly teamsWebhookUrl?: string | undefined;
  /** Of a command, without these secrets. */
  readonly commandEnv?: Readonly<Record<string, string | undefined>> | undefined;
};

/**
 * The channels that the configuration names. None connects or loads the package of its service
 * before it sends. One that is set up wrongly fails when it sends, so that the others still work.
 */
export async function openChannels(
  settings: ChannelSettings,
  secrets: ChannelSecrets,
  effort?: Effort,
): Promise<Channel[]> {
  const rest = effort ? { effort } : {};
  const channels: Channel[] = [];
  if (settings.email) channels.push(await emailChannel(settings.email, secrets, rest));
  if (settings.slack)
    channels.push(
      (await import('./slack.ts')).createSlack({ webhookUrl: secrets.slackWebhookUrl, ...rest }),
    );
  if (settings.telegram) {
    const { createTelegram } = await import('./telegram.ts');
    const base = secrets.telegramBaseUrl;
    channels.push(
      createTelegram({
        botToken: secrets.telegramBotToken,
        chat: settings.telegram.chat,
        ...(base ? { baseUrl: base } : {}),
        ...rest,
      }),
    );
  }
  if (settings.webhook)
    channels.push(
      (await import('./webhook.ts')).createWebhook({
        url: settings.webhook.url,
        secret: secrets.webhookSecret,
        ...rest,
      }),
    );
  return [...channels, ...(await furtherChannels(settings, secrets, rest))];
}

async function furtherChannels(
  { ntfy, discord, teams, command }: ChannelSettings,
  secrets: ChannelSecrets,
  rest: { effort?: Effort },
): Promise<Channel[]> {
  const channels: Channel[] = [];
  if (ntfy)
    channels.push(
      (await import('./ntfy.ts')).createNtfy({ ...ntfy, token: secrets.ntfyToken, ...rest }),
    );
  if (discord || teams) {
    const { createDiscord, createTeams } = await import('./chat-webhook.ts');
    if (discord) channels.push(createDiscord({ webhookUrl: secrets.discordWebhookUrl, ...rest }));
    if (teams) channels.push(createTeams({ webhookUrl: secrets.teamsWebhookUrl, ...rest }));
  }
  if (command) {
    const { timeoutMs, ...program } = command;
    const env = secrets.commandEnv ?? {};
    const { createCommand } = await import('./command.ts');
    channels.push(createCommand({ command: program, timeoutMs, env, ...rest }));
  }
  return channels;
}

async function emailChannel(
  email: NonNullable<ChannelSettings['email']>,
  secrets: ChannelSecrets,
  rest: { effort?: Effort },
): Promise<Channel> {
  const { to, from } = email;
  const provider = mailProvider(
    email.provider,
    Boolean(secrets.smtpUrl),
    Boolean(secrets.sendGridApiKey),
  );
  if (provider === 'smtp')
    return (await import('./email-smtp.ts')).createSmtp({
      to,
      from,
      url: secrets.smtpUrl,
      ...rest,
    });
  const { createSendGrid } = await import('./email-sendgrid.ts');
  const base = secrets.sendGridBaseUrl;
  return createSendGrid({
    to,
    from,
    apiKey: secrets.sendGridApiKey,
    ...(base ? { baseUrl: base } : {}),
    ...rest,
  });
}
