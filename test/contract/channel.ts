import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { EFFORT, type Effort } from '../../core/notify/channel/attempts.ts';
import type { Channel } from '../../core/notify/channel.ts';
import type { LifeboatError } from '../../core/lib/errors.ts';
import { messageOf } from '../../core/notify/message/message.ts';
import { HOSTILE, SAMPLES } from '../support/notifications.ts';

/** How the service behind a channel treats the next request. `echoes` refuses it with the caller's secret in the response. */
export type Mood =
  | 'rejects'
  | 'unauthorized'
  | 'forbidden'
  | 'busy'
  | 'broken'
  | 'silent'
  | 'cut'
  | 'echoes';

export type ChannelUnderTest = {
  readonly open: (effort: Effort) => Channel;
  readonly mood: (...moods: Mood[]) => void;
  /** Requests (connections, for SMTP) so far. */
  readonly requests: () => number;
  /** Called when the service leaves a request without a response. */
  readonly whenSilent: (listener: () => void) => void;
  /** The accepted messages, newest last, one text each. */
  readonly taken: () => string[];
  /** The secrets that must never be in an error. */
  readonly secrets: readonly string[];
  /** A service that says when to retry. */
  readonly asksToWait: boolean;
};

const failed = messageOf(SAMPLES.failed, 'pt-BR');

/** The promises of every channel. Each runs this suite against a loopback server that speaks the protocol of its service. */
export function channelContract(name: string, start: () => Promise<ChannelUnderTest>): void {
  describe(`${name} keeps the contract of a channel`, () => {
    const prepared = async (patience: Partial<Effort> = {}) => {
      const service = await start();
      const pauses: number[] = [];
      const sleep = async (ms: number) => pauses.push(ms);
      // An attempt times out as soon as the service is silent and never before, so the tests do not depend on a clock.
      const attempts: AbortController[] = [];
      const deadline = () => {
        attempts.push(new AbortController());
        return (attempts.at(-1) as AbortController).signal;
      };
      service.whenSilent(() => attempts.at(-1)?.abort());
      const effort: Effort = {
        ...EFFORT,
        attemptMs: 5000,
        mostPauseMs: 60_000,
        sleep,
        deadline,
        random: () => 0.5,
        ...patience,
      };
      const channel = service.open(effort);
      const send = (message = failed, signal = new AbortController().signal) =>
        channel.send(message, signal);
      const refusal = (signal?: AbortSignal) =>
        send(failed, signal).then(
          () => expect.unreachable('it was sent'),
          (error: LifeboatError) => error,
        );
      return { ...service, channel, send, refusal, pauses };
    };
    const expectClean = (error: LifeboatError, secrets: readonly string[]) => {
      const everything = `${inspect(error, { depth: 20, showHidden: true })}${error.message}${error.hint}${error.stack}${JSON.stringify(error)}`;
      for (const secret of secrets) expect(everything).not.toContain(secret);
      expect(error.cause).toBeUndefined();
    };

    test('a message arrives once, with its subject and its content', async () => {
      const { send, taken, requests, pauses, channel } = await prepared();
      expect(await send()).toEqual({});
      expect([taken().length, requests(), pauses]).toEqual([1, 1, []]);
      expect(taken()[0]).toContain('shop');
      expect(taken()[0]).toContain('source_unreachable');
      expect(channel.name).toMatch(
        /^(email-sendgrid|email-smtp|slack|telegram|ntfy|discord|teams|webhook|command)$/,
      );
    });

    test.each(
      Object.values(SAMPLES).flatMap((sample) => [
        [sample.kind, 'en', sample] as const,
        [sample.kind, 'pt-BR', sample] as const,
      ]),
    )('the service takes %s in %s', async (_, locale, sample) => {
      const { send, taken } = await prepared();
      await send(messageOf(sample, locale));
      expect(taken()).toHaveLength(1);
    });

    test('the service accepts a message with hostile and very long text', async () => {
      const { send, taken } = await prepared();
      await send(messageOf(HOSTILE, 'en'));
      expect(taken()).toHaveLength(1);
    });

    test('a busy service is retried after the time that it asks for', async () => {
      const { send, mood, taken, requests, pauses, asksToWait } = await prepared();
      mood('busy');
      await send();
      expect([taken().length, requests()]).toEqual([1, 2]);
      if (asksToWait) expect(pauses[0]).toBeGreaterThan(6000);
      else expect(pauses).toEqual([500]);
    });

    test('a service that asks for more time than is left ends the attempts', async () => {
      const { refusal, mood, requests, pauses, asksToWait } = await prepared({ mostPauseMs: 3000 });
      if (!asksToWait) return;
      mood('busy');
      expect(await refusal()).toMatchObject({ code: 'notify_failed' });
      expect([requests(), pauses]).toEqual([1, []]);
    });

    test.each([['broken'], ['cut'], ['silent']] as const)(
      'a service that is %s at first is retried with growing pauses',
      async (mode) => {
        const { send, mood, taken, requests, pauses } = await prepared();
        mood(mode, mode);
        await send();
        expect([taken().length, requests(), pauses]).toEqual([1, 3, [500, 2000]]);
      },
    );

    test.each([['broken'], ['cut'], ['silent']] as const)(
      'a service that stays %s fails after three attempts',
      async (mode) => {
        const { refusal, mood, taken, requests, secrets } = await prepared();
        mood(mode, mode, mode, mode);
        const error = await refusal();
        expect(error).toMatchObject({ code: 'notify_failed', hint: expect.stringMatching(/\.$/) });
        expectClean(error, secrets);
        expect([taken().length, requests()]).toEqual([0, 3]);
      },
    );

    test.each([['rejects'], ['unauthorized'], ['forbidden'], ['echoes']] as const)(
      'a service that %s gets one request, and the error says what to do',
      async (mode) => {
        const { refusal, mood, requests, secrets } = await prepared();
        mood(mode);
        const error = await refusal();
        expect(error).toMatchObject({
          code: 'notify_failed',
          hint: expect.stringMatching(/^.{20,}\.$/),
        });
        expectClean(error, secrets);
        expect(requests()).toBe(1);
      },
    );

    test('an abort ends the attempt even while the service is silent, and nothing more is sent', async () => {
      const { refusal, mood, requests } = await prepared({
        deadline: () => new AbortController().signal,
      });
      mood('silent');
      const stop = new AbortController();
      const refused = refusal(stop.signal);
      while (requests() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort();
      expect(await refused).toMatchObject({ code: 'notify_failed' });
      expect(requests()).toBe(1);
    });

    test('an abort ends a pause', async () => {
      const stop = new AbortController();
      const sleep = async () => {
        stop.abort();
        throw new Error('aborted');
      };
      const { refusal, mood, requests } = await prepared({ sleep });
      mood('broken');
      expect(await refusal(stop.signal)).toMatchObject({ code: 'notify_failed' });
      expect(requests()).toBe(1);
    });
  });
}
