// Notifications: writes one message in each channel's form and language, and sends it to every
// channel at once. A failing channel neither delays the others nor fails a run, and no error
// contains a secret. Imports `config` and `lib`.

import { timeout } from '../lib/async.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Locale } from '../lib/text/format.ts';
import type { Channel, Receipt } from './channel.ts';
import { messageOf, type Message } from './message/message.ts';
import type { Notification } from './notification.ts';
import type { Log } from '../lib/log/log.ts';

/** The result of one message on one channel. */
export type Outcome = {
  readonly channel: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly warning?: string;
  /** The service asked for this pause, ms, which is longer than a run can wait. */
  readonly retryAfterMs?: number | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
};

export type Notifier = {
  /** The names of the channels; empty when none is configured. */
  readonly channels: readonly string[];
  /**
   * Sends to these channels at once, by default to all. Never throws and never exceeds its time
   * limit; failures are logged.
   */
  readonly notify: (
    notification: Notification,
    only?: readonly string[],
  ) => Promise<readonly Outcome[]>;
};

export type NotifierOptions = {
  readonly channels: readonly Channel[];
  readonly locale: Locale;
  readonly log: Log;
  readonly now: () => Date;
  /** The time limit for all channels, ms. Less than a run reserves before its deadline (20 s). */
  readonly totalMs?: number;
};

type ChannelAttempt = {
  readonly notification: Notification;
  readonly channel: string;
  readonly began: Date;
};

export function createNotifier(options: NotifierOptions): Notifier {
  const { channels, locale, now, totalMs = 15_000 } = options;
  return {
    channels: channels.map(({ name }) => name),
    notify: async (notification, only) => {
      const recipients = channels.filter(({ name }) => only?.includes(name) ?? true);
      const began = now();
      try {
        const message = messageOf(notification, locale);
        const signal = AbortSignal.timeout(totalMs);
        return await Promise.all(
          recipients.map(async (channel) => {
            const attempt = { notification, channel: channel.name, began: now() };
            try {
              const receipt = await timeout(() => channel.send(message, signal), {
                // A little later than the channel's own timeout, whose error says more.
                ms: totalMs + 200,
                error: noAnswer,
              });
              return succeeded(options, attempt, message, receipt);
            } catch (error) {
              return refused(options, attempt, error);
            }
          }),
        );
      } catch (error) {
        return recipients.map(({ name }) =>
          refused(options, { notification, channel: name, began }, error),
        );
      }
    },
  };
}

function succeeded(
  { log, now }: NotifierOptions,
  attempt: ChannelAttempt,
  { subject }: Message,
  { warning }: Receipt,
): Outcome {
  const { channel, began } = attempt;
  const durationMs = now().getTime() - began.getTime();
  const fields = { ...fieldsOf(attempt), durationMs };
  if (warning === undefined) log('INFO', `notified via ${channel}: ${subject}`, fields);
  else log('WARNING', `notified via ${channel}, but ${warning}`, fields);
  return { channel, ok: true, durationMs, ...(warning === undefined ? {} : { warning }) };
}

function refused({ log, now }: NotifierOptions, attempt: ChannelAttempt, cause: unknown): Outcome {
  const { channel, began } = attempt;
  const { code, message, hint, retryAfterMs } = toLifeboatError(cause);
  log('ERROR', `the ${channel} notification was not sent: ${message}`, {
    ...fieldsOf(attempt),
    code,
    hint,
    cause,
  });
  const durationMs = now().getTime() - began.getTime();
  return { channel, ok: false, durationMs, retryAfterMs, error: { code, message, hint } };
}

function fieldsOf({ notification, channel }: ChannelAttempt) {
  return {
    event: 'notification' as const,
    kind: notification.kind,
    ...('database' in notification ? { database: notification.database } : {}),
    ...(notification.run === undefined ? {} : { run: notification.run }),
    channel,
  };
}

/** A channel that hangs must not hold up the run. */
function noAnswer(): LifeboatError {
  return new LifeboatError(
    'notify_failed',
    'the service did not answer within the time limit for all channels',
    'Check that the service of this channel is up, and that this machine can reach it.',
  );
}
