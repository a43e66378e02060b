import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { SERVICE_BUSY, isTransientStatus, post, retryAfterMs } from './http.ts';

export type SlackOptions = {
  /** The address of an incoming webhook, which is a secret: anyone who knows it can post. */
  readonly webhookUrl: string | undefined;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

const WEBHOOK_HINT =
  'Create an incoming webhook at https://api.slack.com/apps and set SLACK_WEBHOOK_URL to its URL.';
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: the answer's text is one of these words.
const SLACK_HINTS: Readonly<Record<string, string>> = {
  no_service: `The webhook was removed. ${WEBHOOK_HINT}`,
  no_active_hooks: `The webhook was turned off. ${WEBHOOK_HINT}`,
  no_team: `The workspace no longer exists. ${WEBHOOK_HINT}`,
  invalid_token: `The URL is wrong. ${WEBHOOK_HINT}`,
  channel_not_found: `The channel was deleted. ${WEBHOOK_HINT}`,
  channel_is_archived: 'Unarchive the channel, or create a webhook for another one.',
  action_prohibited: 'Ask an administrator of the workspace to let this webhook post there.',
  posting_to_general_channel_denied:
    'Not everyone may post to this channel: create a webhook for another one.',
  invalid_payload: 'This is a bug in Lifeboat: please report it.',
  invalid_blocks: 'This is a bug in Lifeboat: please report it.',
};

export function createSlack({
  webhookUrl,
  now = () => new Date(),
  effort = EFFORT,
}: SlackOptions): Channel {
  return {
    name: 'slack',
    send: async (message, signal) => {
      const url = secretOf('SLACK_WEBHOOK_URL', webhookUrl, WEBHOOK_HINT);
      const address = URL.parse(url);
      if (address === null || !/^https?:$/.test(address.protocol))
        throw new LifeboatError('config_invalid', 'SLACK_WEBHOOK_URL is not a URL', WEBHOOK_HINT);
      // The path is the secret; its parts are, too.
      const secrets = [
        url,
        address.pathname.slice(1),
        ...address.pathname.split('/').filter(({ length }) => length > 8),
      ];
      return withAttempts({ channel: 'slack', secrets, effort, signal }, async (attempt) => {
        const { status, headers, text } = await post(
          url,
          {},
          JSON.stringify(message.slack),
          attempt,
        );
        if (status === 200) return {};
        const word = text.trim();
        throw serviceFailure(
          `the service answered ${status} ${word}`.trim(),
          SLACK_HINTS[word] ?? (isTransientStatus(status) ? SERVICE_BUSY : WEBHOOK_HINT),
          {
            transient: isTransientStatus(status),
            retryAfterMs: retryAfterMs(headers.get('retry-after'), now()),
          },
        );
      });
    },
  };
}
