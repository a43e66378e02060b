import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { SERVICE_BUSY, isTransientStatus, post } from './http.ts';

export type TelegramOptions = {
  readonly botToken: string | undefined;
  /** The number of a chat (negative for groups), or `@name` of a public channel. */
  readonly chat: string;
  readonly baseUrl?: string;
  readonly effort?: Effort;
};

const BOT_TOKEN_HINT = 'Create a bot with @BotFather and set TELEGRAM_BOT_TOKEN to its token.';

type TelegramReply = {
  ok?: boolean;
  description?: string;
  parameters?: { retry_after?: number; migrate_to_chat_id?: number };
};

/** `sendMessage` of the Bot API (https://core.telegram.org/bots/api#sendmessage). */
export function createTelegram({
  botToken,
  chat,
  baseUrl = 'https://api.telegram.org',
  effort = EFFORT,
}: TelegramOptions): Channel {
  return {
    name: 'telegram',
    send: async (message, signal) => {
      const token = secretOf('TELEGRAM_BOT_TOKEN', botToken, BOT_TOKEN_HINT);
      if (!/^\d+:[\w-]+$/.test(token))
        throw new LifeboatError(
          'config_invalid',
          'TELEGRAM_BOT_TOKEN does not look like 123456:ABC…',
          BOT_TOKEN_HINT,
        );
      const url = `${baseUrl.replace(/\/+$/, '')}/bot${token}/sendMessage`;
      if (!URL.canParse(url))
        throw new LifeboatError(
          'config_invalid',
          'TELEGRAM_BASE_URL is not a URL',
          'Leave it unset, or set it to https://…',
        );
      const body = JSON.stringify({
        chat_id: chat,
        text: message.telegram,
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
      });
      return withAttempts(
        {
          channel: 'telegram',
          secrets: [token, token.slice(token.indexOf(':') + 1)],
          effort,
          signal,
        },
        async (attempt) => {
          const { status, text } = await post(url, {}, body, attempt);
          const reply = parseReply(text);
          if (status === 200 && reply.ok === true) return {};
          const wait = reply.parameters?.retry_after;
          throw serviceFailure(
            `the service answered ${status} ${reply.description ?? ''}`.trim(),
            hintOf(status, reply),
            {
              // 200 without `ok` does not come from Telegram, but perhaps from a proxy.
              transient: isTransientStatus(status) || status === 200,
              retryAfterMs: typeof wait === 'number' ? wait * 1000 : undefined,
            },
          );
        },
      );
    },
  };
}

/** The documented fields of an answer, which may be anything. */
function parseReply(text: string): TelegramReply {
  try {
    const { ok, description, parameters } = JSON.parse(text) as Partial<
      Record<keyof TelegramReply, unknown>
    >;
    return {
      ...(ok === true ? { ok } : {}),
      ...(typeof description === 'string' ? { description } : {}),
      ...(typeof parameters === 'object' && parameters !== null ? { parameters } : {}),
    };
  } catch {
    return {};
  }
}

function hintOf(status: number, { description = '', parameters }: TelegramReply): string {
  const moved = parameters?.migrate_to_chat_id;
  if (moved !== undefined)
    return `The group has become a supergroup: set notify.telegram.chat to "${moved}".`;
  if (status === 401 || status === 404) return `No bot has this token. ${BOT_TOKEN_HINT}`;
  if (/chat not found/i.test(description))
    return 'Set notify.telegram.chat to the number of a chat that the bot is in; a person must have written to the bot first.';
  if (/need administrator rights|not enough rights/i.test(description))
    return 'Make the bot an administrator of this channel, so that it may post.';
  if (status === 403) return 'Unblock the bot, or add it to the group again.';
  if (isTransientStatus(status)) return SERVICE_BUSY;
  return 'This is a bug in Lifeboat: please report it.';
}
