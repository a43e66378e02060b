import { LifeboatError } from '../../lib/errors.ts';
import { EFFORT, withAttempts, type Effort } from './attempts.ts';
import { serviceFailure, secretOf, type Channel } from '../channel.ts';
import { SERVICE_BUSY, isOk, isTransientStatus, post, retryAfterMs } from './http.ts';

export type NtfyOptions = {
  readonly topic: string;
  /** The server. */
  readonly url: string;
  /** For a topic that not everybody may write to. */
  readonly token: string | undefined;
  readonly now?: () => Date;
  readonly effort?: Effort;
};

const NTFY_TOKEN_HINT =
  'Set NTFY_TOKEN to an access token that may write to this topic (`ntfy token add`, or Account in the web app).';
const NTFY_HINTS: Readonly<Record<number, string>> = {
  400: 'Correct notify.ntfy.topic: letters, digits, _ and -, at most 64.',
  401: NTFY_TOKEN_HINT,
  403: NTFY_TOKEN_HINT,
  404: 'Correct notify.ntfy.url: it is the address of the server, without the topic.',
};

/** https://docs.ntfy.sh/publish/#publish-as-json */
export function createNtfy({
  topic,
  url,
  token,
  now = () => new Date(),
  effort = EFFORT,
}: NtfyOptions): Channel {
  return {
    name: 'ntfy',
    send: async (message, signal) => {
      const secret =
        token === undefined ? undefined : secretOf('NTFY_TOKEN', token, NTFY_TOKEN_HINT);
      if (!URL.canParse(url))
        throw new LifeboatError(
          'config_invalid',
          'notify.ntfy.url is not a URL',
          'Leave it out for https://ntfy.sh, or set it to the address of your server.',
        );
      const headers: Record<string, string> = secret ? { authorization: `Bearer ${secret}` } : {};
      const body = JSON.stringify({ topic, ...message.ntfy });
      const secrets = secret === undefined ? [] : [secret];
      return withAttempts({ channel: 'ntfy', secrets, effort, signal }, async (attempt) => {
        const answer = await post(url, headers, body, attempt);
        if (isOk(answer.status)) return {};
        const { status } = answer;
        const isTransient = isTransientStatus(status);
        const hint = NTFY_HINTS[status] ?? (isTransient ? SERVICE_BUSY : NTFY_TOKEN_HINT);
        throw serviceFailure(
          `the service answered ${status} ${ntfyReason(answer.text)}`.trim(),
          hint,
          {
            transient: isTransient,
            retryAfterMs: retryAfterMs(answer.headers.get('retry-after'), now()),
          },
        );
      });
    },
  };
}

function ntfyReason(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}
