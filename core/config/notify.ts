import { z } from 'zod';
import { commandSetting } from './command.ts';
import { address, checked, duration, sender, webAddress } from './values.ts';

// `slack:` without a value is null in YAML, and switches the channel on.
const bare = z
  .strictObject({})
  .nullable()
  .transform(() => ({}));

const chat = z
  .union(
    [
      z.int(),
      checked('chat', (value) =>
        /^(-?\d{1,20}|@\w{4,})$/.test(value) ? undefined : 'must look like "-100123" or "@channel"',
      ),
    ],
    {
      error: 'must look like "-100123" or "@channel"',
    },
  )
  .transform(String);

/** The channels. A channel is on when its key is present; its secret is in the environment. */
export const notify = z
  .strictObject({
    email: z
      .strictObject({
        to: z.array(address).min(1, 'must have an address').describe('Recipients.'),
        from: sender.describe(
          'The sender, which SendGrid or your mail server must accept. `Backups <backups@example.com>` adds a name.',
        ),
        provider: z
          .enum(['sendgrid', 'smtp'])
          .optional()
          .describe(
            '`sendgrid` uses SENDGRID_API_KEY, `smtp` uses SMTP_URL. Default: the one whose secret is set; SendGrid if both are.',
          ),
      })
      .optional()
      .describe('Email.'),
    slack: bare.optional().describe('Slack. The webhook URL comes from SLACK_WEBHOOK_URL.'),
    telegram: z
      .strictObject({ chat: chat.describe('The chat: a number in quotes, or `@channel`.') })
      .optional()
      .describe('Telegram. The token of the bot comes from TELEGRAM_BOT_TOKEN.'),
    ntfy: z
      .strictObject({
        topic: checked('topic', (value) =>
          /^[\w-]{1,64}$/.test(value)
            ? undefined
            : 'must be a topic of at most 64 letters, digits, _ and -',
        ).describe(
          'The topic. On a public server, anyone who knows it can read it: choose a long random one.',
        ),
        url: webAddress.prefault('https://ntfy.sh').describe('The server.'),
      })
      .optional()
      .describe('ntfy. NTFY_TOKEN is the access token of a topic that is protected.'),
    discord: bare.optional().describe('Discord. The webhook URL comes from DISCORD_WEBHOOK_URL.'),
    teams: bare
      .optional()
      .describe('Microsoft Teams. The URL of the workflow comes from TEAMS_WEBHOOK_URL.'),
    command: commandSetting({ longest: '14s', fallback: '10s' })
      .optional()
      .describe(
        'A program of this host that gets the JSON of the webhook on its standard input. Not in cloud functions.',
      ),
    webhook: z
      .strictObject({ url: webAddress.describe('URL that gets the JSON as a POST.') })
      .optional()
      .describe('Your own webhook. LIFEBOAT_WEBHOOK_SECRET signs the body.'),
    repeat: duration('1h', '30d')
      .prefault('1d')
      .describe('Send a reminder when a problem lasts this long.'),
  })
  .transform(({ repeat, ...rest }) => ({ ...rest, repeatMs: repeat }));

/** The channels that are switched on: `email`, `slack` and so on. */
export function channelNames({
  repeatMs: _,
  ...channels
}: {
  readonly repeatMs: number;
}): string[] {
  return Object.entries(channels).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}
