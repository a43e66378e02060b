import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Locale } from '../lib/format.ts';
import type { Channel } from './channel.ts';
import { messageOf, type Message } from './message/message.ts';
import type { Notification } from './notification.ts';
import type { Log } from '../lib/log.ts';

/** What became of one message on one channel. */
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
  /** Sends to all channels at once. Never throws and never lasts longer than its bound; what failed is in the log. */
  readonly notify: (told: Notification) => Promise<Outcome[]>;
};

export type NotifierOptions = {
  readonly channels: readonly Channel[];
  readonly locale: Locale;
  readonly log: Log;
  readonly now: () => Date;
  /** For everything together, in ms. Less than what a run keeps back of its deadline (20 s). */
  readonly totalMs?: number;
};

export function createNotifier({
  channels,
  locale,
  log,
  now,
  totalMs = 15_000,
}: NotifierOptions): Notifier {
  const fieldsOf = (told: Notification) => ({
    event: 'notification' as const,
    kind: told.kind,
    ...('database' in told ? { database: told.database } : {}),
    ...(told.run === undefined ? {} : { run: told.run }),
  });

  const failed = (told: Notification, channel: string, began: Date, thrown: unknown): Outcome => {
    const { code, message, hint } = toLifeboatError(thrown);
    log('ERROR', `the ${channel} notification was not sent: ${message}`, {
      ...fieldsOf(told),
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
    told: Notification,
    message: Message,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    const began = now();
    try {
      const { warning } = await within(channel.send(message, signal), signal);
      const durationMs = now().getTime() - began.getTime();
      const fields = { ...fieldsOf(told), channel: channel.name, durationMs };
      if (warning === undefined) log('INFO', `told by ${channel.name}: ${message.subject}`, fields);
      else log('WARNING', `told by ${channel.name}, but ${warning}`, fields);
      return {
        channel: channel.name,
        ok: true,
        durationMs,
        ...(warning === undefined ? {} : { warning }),
      };
    } catch (thrown) {
      return failed(told, channel.name, began, thrown);
    }
  };

  return {
    channels: channels.map(({ name }) => name),
    notify: async (told) => {
      const began = now();
      try {
        const message = messageOf(told, locale);
        const signal = AbortSignal.timeout(totalMs);
        return await Promise.all(channels.map((channel) => one(channel, told, message, signal)));
      } catch (thrown) {
        return channels.map(({ name }) => failed(told, name, began, thrown));
      }
    },
  };
}

/** Whatever the channel does, an answer before the signal's time: one that hangs must not hold the run. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  const over = new Promise<never>((_, reject) => {
    const stop = () =>
      reject(
        new LifeboatError(
          'notify_failed',
          'no answer within the time for all channels',
          'See whether the service is up.',
        ),
      );
    if (signal.aborted) stop();
    // A little later than the channel itself, whose error says more.
    else signal.addEventListener('abort', () => setTimeout(stop, 200).unref(), { once: true });
  });
  return Promise.race([work, over]);
}
