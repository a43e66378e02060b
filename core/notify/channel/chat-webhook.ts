import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { SERVICE_BUSY, isOk, isTransientStatus, post, retryAfterMs } from './http.ts';
import type { Message } from '../message/message.ts';

export type ChatWebhookOptions = {
  /** The address of the webhook, which is a secret: anyone who knows it can post. */
  readonly webhookUrl: string | undefined;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

type ChatService = {
  readonly name: 'discord' | 'teams';
  readonly variable: string;
  /** How to get a working address. */
  readonly hint: string;
  readonly bodyOf: (message: Message) => unknown;
};

/** https://docs.discord.com/developers/resources/webhook#execute-webhook */
export function createDiscord(options: ChatWebhookOptions): Channel {
  return createChatWebhook(options, {
    name: 'discord',
    variable: 'DISCORD_WEBHOOK_URL',
    hint: 'Create a webhook under Integrations in the settings of the Discord channel, and set DISCORD_WEBHOOK_URL to its URL.',
    bodyOf: ({ discord }) => discord,
  });
}

/** A workflow of Microsoft Teams that posts what its webhook receives. */
export function createTeams(options: ChatWebhookOptions): Channel {
  return createChatWebhook(options, {
    name: 'teams',
    variable: 'TEAMS_WEBHOOK_URL',
    hint: 'Create the workflow "Post to a channel when a webhook request is received" in Microsoft Teams, and set TEAMS_WEBHOOK_URL to its URL.',
    bodyOf: ({ teams }) => teams,
  });
}

function createChatWebhook(
  { webhookUrl, now = () => new Date(), effort = EFFORT }: ChatWebhookOptions,
  { name, variable, hint, bodyOf }: ChatService,
): Channel {
  return {
    name,
    send: async (message, signal) => {
      const url = secretOf(variable, webhookUrl, hint);
      const address = URL.parse(url);
      if (address === null || !/^https?:$/.test(address.protocol))
        throw new LifeboatError('config_invalid', `${variable} is not a URL`, hint);
      const body = JSON.stringify(bodyOf(message));
      return withAttempts(
        { channel: name, secrets: secretsIn(url, address), effort, signal },
        async (attempt) => {
          const { status, headers, text } = await post(url, {}, body, attempt);
          if (isOk(status)) return {};
          const isTransient = isTransientStatus(status);
          throw serviceFailure(
            `the service answered ${status} ${chatReason(text)}`.trim(),
            isTransient ? SERVICE_BUSY : hint,
            {
              transient: isTransient,
              retryAfterMs: retryAfterMs(headers.get('retry-after'), now()),
            },
          );
        },
      );
    },
  };
}

/** The whole address, and its parts that only its owner knows. */
function secretsIn(url: string, { pathname, searchParams }: URL): string[] {
  const parts = [...pathname.split('/'), ...searchParams.values()];
  return [url, pathname.slice(1), ...parts.filter(({ length }) => length > 8)];
}

/** Discord says `{"message"}`, Teams `{"error": {"message"}}`. */
function chatReason(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    if (typeof message === 'string') return message;
    return error !== null && typeof error === 'object' && 'message' in error
      ? String(error.message)
      : '';
  } catch {
    return '';
  }
}
