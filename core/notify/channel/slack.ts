import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { BUSY, isPassing, post, retryAfterMs } from './http.ts';

export type SlackOptions = {
  /** The address of an incoming webhook, which is a secret: anyone who knows it can post. */
  readonly webhookUrl: string | undefined;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

const WHERE =
  'Make an incoming webhook at https://api.slack.com/apps and set SLACK_WEBHOOK_URL to its address.';
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: the answer's text is one of these words.
const HINTS: Readonly<Record<string, string>> = {
  no_service: `The webhook was removed. ${WHERE}`,
  no_active_hooks: `The webhook was switched off. ${WHERE}`,
  no_team: `The workspace is not there any more. ${WHERE}`,
  invalid_token: `The address is not right. ${WHERE}`,
  channel_not_found: `The channel was deleted. ${WHERE}`,
  channel_is_archived:
    'Bring the channel back from the archive, or make a webhook for another one.',
  action_prohibited:
    'An administrator of the workspace does not let this webhook post there; ask them.',
  posting_to_general_channel_denied:
    'Only some people may post to this channel; make a webhook for another one.',
  invalid_payload: 'Slack does not take the form of this message; please report it.',
  invalid_blocks: 'Slack does not take the form of this message; please report it.',
};

export function createSlack({
  webhookUrl,
  now = () => new Date(),
  effort = EFFORT,
}: SlackOptions): Channel {
  return {
    name: 'slack',
    send: async (message, signal) => {
      const url = secretOf('SLACK_WEBHOOK_URL', webhookUrl, WHERE);
      const parsed = URL.parse(url);
      if (parsed === null || !/^https?:$/.test(parsed.protocol))
        throw new LifeboatError('config_invalid', 'SLACK_WEBHOOK_URL is not a web address', WHERE);
      // The path is the secret; its parts are, too.
      const secrets = [
        url,
        parsed.pathname.slice(1),
        ...parsed.pathname.split('/').filter(({ length }) => length > 8),
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
          HINTS[word] ?? (isPassing(status) ? BUSY : WHERE),
          {
            transient: isPassing(status),
            retryAfterMs: retryAfterMs(headers.get('retry-after'), now()),
          },
        );
      });
    },
  };
}
