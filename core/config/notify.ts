import { z } from 'zod';
import { address, checked, duration, sender, webAddress } from './values.ts';

// `slack:` with nothing after it is null in YAML, and means: on.
const bare = z
  .strictObject({})
  .nullable()
  .transform(() => ({}));

const chat = z
  .union(
    [
      z.int(),
      checked('chat', (value) =>
        /^(-?\d{1,20}|@\w{4,})$/.test(value) ? undefined : 'is not like "-100123" or "@channel"',
      ),
    ],
    {
      error: 'is not like "-100123" or "@channel"',
    },
  )
  .transform(String);

/**
 * The channels. The presence of a channel's key switches it on; its secret comes from the
 * environment.
 */
export const notify = z
  .strictObject({
    email: z
      .strictObject({
        to: z.array(address).min(1, 'must hold an address').describe('Who is told.'),
        from: sender.describe(
          'The sender: one that SendGrid or the server accepts. `Backups <backups@example.com>` gives it a name.',
        ),
        provider: z
          .enum(['sendgrid', 'smtp'])
          .optional()
          .describe(
            '`sendgrid` uses SENDGRID_API_KEY, `smtp` uses SMTP_URL. By default the one whose secret is there, SendGrid first.',
          ),
      })
      .optional()
      .describe('E-mail.'),
    slack: bare.optional().describe('A Slack webhook, from SLACK_WEBHOOK_URL.'),
    telegram: z
      .strictObject({ chat: chat.describe('The chat: a number in quotes, or `@channel`.') })
      .optional()
      .describe('A Telegram bot, from TELEGRAM_BOT_TOKEN.'),
    webhook: z
      .strictObject({ url: webAddress.describe('Where the JSON is posted.') })
      .optional()
      .describe('A webhook of your own. With LIFEBOAT_WEBHOOK_SECRET its body is signed.'),
    repeat: duration('1h', '30d')
      .prefault('1d')
      .describe('A fault that lasts is told again after this time.'),
  })
  .transform(({ repeat, ...rest }) => ({ ...rest, repeatMs: repeat }));
