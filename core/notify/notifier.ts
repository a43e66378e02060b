import { timeout } from '../lib/async.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Locale } from '../lib/format.ts';
import type { Channel } from './channel.ts';
import { messageOf, type Message } from './message/message.ts';
import type { Notification } from './notification.ts';
import type { Log } from '../lib/log.ts';

/** The result of one message on one channel. */
export type Outcome = {
  readonly channel: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly warning?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
};

export type Notifier = {
  /** The names of the channels; empty when none is configured. */
  readonly channels: readonly string[];
  /** Sends to all channels at once. Never throws and never exceeds its time limit; failures are logged. */
  readonly notify: (notification: Notification) => Promise<Outcome[]>;
};

export type NotifierOptions = {
  readonly channels: readonly Channel[];
  readonly locale: Locale;
  readonly log: Log;
  readonly now: () => Date;
  /** The time limit for all channels, ms. Less than a run reserves before its deadline (20 s). */
  readonly totalMs?: number;
};

export function createNotifier({
  channels,
  locale,
  log,
  now,
  totalMs = 15_000,
}: NotifierOptions): Notifier {
  const fieldsOf = (notification: Notification) => ({
    event: 'notification' as const,
    kind: notification.kind,
    ...('database' in notification ? { database: notification.database } : {}),
    ...(notification.run === undefined ? {} : { run: notification.run }),
  });

  const failed = (
    notification: Notification,
    channel: string,
    began: Date,
    thrown: unknown,
  ): Outcome => {
    const { code, message, hint } = toLifeboatError(thrown);
    log('ERROR', `the ${channel} notification was not sent: ${message}`, {
      ...fieldsOf(notification),
      channel,
      code,
      hint,
      cause: thrown,
    });
    return {
      channel,
      ok: false,
      durationMs: now().getTime() - began.getTime(),
      error: { code, message, hint },
    };
  };

  const one = async (
    channel: Channel,
    notification: Notification,
    message: Message,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    const began = now();
    try {
      const { warning } = await timeout(() => channel.send(message, signal), {
        // A little later than the channel's own timeout, whose error says more.
        ms: totalMs + 200,
        error: noAnswer,
      });
      const durationMs = now().getTime() - began.getTime();
      const fields = { ...fieldsOf(notification), channel: channel.name, durationMs };
      if (warning === undefined)
        log('INFO', `notified via ${channel.name}: ${message.subject}`, fields);
      else log('WARNING', `notified via ${channel.name}, but ${warning}`, fields);
      return {
        channel: channel.name,
        ok: true,
        durationMs,
        ...(warning === undefined ? {} : { warning }),
      };
    } catch (thrown) {
      return failed(notification, channel.name, began, thrown);
    }
  };

  return {
    channels: channels.map(({ name }) => name),
    notify: async (notification) => {
      const began = now();
      try {
        const message = messageOf(notification, locale);
        const signal = AbortSignal.timeout(totalMs);
        return await Promise.all(
          channels.map((channel) => one(channel, notification, message, signal)),
        );
      } catch (thrown) {
        return channels.map(({ name }) => failed(notification, name, began, thrown));
      }
    },
  };
}

/** A channel that hangs must not hold up the run. */
function noAnswer(): LifeboatError {
  return new LifeboatError(
    'notify_failed',
    'no answer within the time limit for all channels',
    'Check that the service is up.',
  );
}
