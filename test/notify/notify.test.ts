import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import type { Channel } from '../../core/notify/channel.ts';
import { openChannels } from '../../core/notify/channel/open.ts';
import { createNotifier } from '../../core/notify/notifier.ts';
import { notifyTest, notifyTestError } from '../../core/notify/test.ts';
import { startService } from '../fakes/http-service.ts';
import * as services from '../fakes/notification-services.ts';
import { SAMPLES } from '../support/notifications.ts';

type Line = [string, string, Record<string, unknown> | undefined];

const sends = (name: string, send: Channel['send']): Channel => ({ name, send });
const works = (name: string) => {
  const got: string[] = [];
  return { ...sends(name, async ({ subject }) => (got.push(subject), {})), got };
};
const fails = (name: string, error: unknown) => sends(name, () => Promise.reject(error));
const notifier = (channels: readonly Channel[], totalMs = 60_000) => {
  const lines: Line[] = [];
  const log = (...line: unknown[]) => void lines.push(line as Line);
  return {
    ...createNotifier({
      channels,
      locale: 'en',
      log,
      now: () => new Date('2026-11-24T06:00:00Z'),
      totalMs,
    }),
    lines,
  };
};

describe('the notifier', () => {
  test('sends to every channel, whatever the others do, and logs each that failed as an ERROR', async () => {
    const [one, two] = [works('slack'), works('webhook')];
    const refused = new LifeboatError(
      'notify_failed',
      'telegram: the service answered 403',
      'Unblock the bot.',
    );
    const { notify, lines } = notifier([
      one,
      fails('telegram', refused),
      fails('email-smtp', 'odd'),
      two,
    ]);
    expect(await notify(SAMPLES.failed)).toMatchObject([
      { channel: 'slack', ok: true },
      {
        channel: 'telegram',
        ok: false,
        error: {
          code: 'notify_failed',
          message: 'telegram: the service answered 403',
          hint: 'Unblock the bot.',
        },
      },
      { channel: 'email-smtp', ok: false, error: { code: 'internal', message: 'odd' } },
      { channel: 'webhook', ok: true },
    ]);
    expect([one.got, two.got]).toEqual([
      ['[Lifeboat] shop: backup failed (source_unreachable)'],
      ['[Lifeboat] shop: backup failed (source_unreachable)'],
    ]);
    const errors = lines.filter(([severity]) => severity === 'ERROR');
    expect(errors).toMatchObject([
      [
        'ERROR',
        'the telegram notification was not sent: telegram: the service answered 403',
        { channel: 'telegram', kind: 'failed', database: 'shop', run: SAMPLES.failed.run },
      ],
      ['ERROR', 'the email-smtp notification was not sent: odd', { code: 'internal' }],
    ]);
  });

  test('a channel that never answers, nor minds being stopped, does not hold the run', async () => {
    const { notify, lines } = notifier(
      [sends('slack', () => new Promise(() => undefined)), works('webhook')],
      20,
    );
    expect(await notify(SAMPLES.failed)).toMatchObject([
      { ok: false, error: { code: 'notify_failed' } },
      { ok: true },
    ]);
    expect(lines.map(([severity]) => severity).sort()).toEqual(['ERROR', 'INFO']);
  });

  test('a channel that throws before it promises anything is a failed channel', async () => {
    const broken = sends('slack', () => {
      throw new Error('at once');
    });
    expect(await notifier([broken, works('webhook')]).notify(SAMPLES.sample)).toMatchObject([
      { ok: false },
      { ok: true },
    ]);
  });

  test('a partial delivery is a WARNING', async () => {
    const { notify, lines } = notifier([
      sends('email-smtp', async () => ({ warning: 'the server refused 1 of 2 recipients' })),
    ]);
    expect(await notify(SAMPLES.failed)).toMatchObject([
      { ok: true, warning: 'the server refused 1 of 2 recipients' },
    ]);
    expect(lines).toMatchObject([
      [
        'WARNING',
        'notified via email-smtp, but the server refused 1 of 2 recipients',
        { channel: 'email-smtp' },
      ],
    ]);
  });

  test('a notification that cannot be put into words is a failure of all channels, not of the run', async () => {
    const { notify, lines } = notifier([works('slack'), works('webhook')]);
    expect(await notify({ ...SAMPLES.failed, kind: 'nonsense' } as never)).toMatchObject([
      { ok: false },
      { ok: false },
    ]);
    expect(lines.map(([severity]) => severity)).toEqual(['ERROR', 'ERROR']);
  });

  test('without channels there is nothing to do', async () => {
    expect(await notifier([]).notify(SAMPLES.failed)).toEqual([]);
  });
});

describe('the channels of a configuration', () => {
  const email = { to: ['ops@example.com'], from: 'b@example.com' };
  test.each([
    ['nothing', {}, {}, []],
    [
      'everything',
      { email, slack: {}, telegram: { chat: '1' }, webhook: { url: 'https://example.com' } },
      {},
      ['email-sendgrid', 'slack', 'telegram', 'webhook'],
    ],
    ['mail with only a mail server', { email }, { smtpUrl: 'smtp://x' }, ['email-smtp']],
    [
      'mail with both',
      { email },
      { smtpUrl: 'smtp://x', sendGridApiKey: 'SG.x' },
      ['email-sendgrid'],
    ],
    [
      'mail with a provider',
      { email: { ...email, provider: 'smtp' as const } },
      { sendGridApiKey: 'SG.x' },
      ['email-smtp'],
    ],
  ])('%s', async (_, settings, secrets, expected) => {
    expect((await openChannels(settings, secrets)).map(({ name }) => name)).toEqual(expected);
  });

  test('a missing secret fails its own channel only, and says which', async () => {
    const service = await startService(services.telegram('1:abc', '-1').ok);
    const channels = await openChannels(
      { slack: {}, telegram: { chat: '-1' } },
      { telegramBotToken: '1:abc', telegramBaseUrl: service.url },
    );
    expect(await notifier(channels).notify(SAMPLES.sample)).toMatchObject([
      {
        channel: 'slack',
        ok: false,
        error: { code: 'config_invalid', message: 'SLACK_WEBHOOK_URL is not set' },
      },
      { channel: 'telegram', ok: true },
    ]);
  });
});

describe('notify-test', () => {
  const around = { at: new Date('2026-11-24T06:00:00Z'), tool: 'lifeboat 0.1.0', timeZone: 'UTC' };

  test('sends a sample to every channel and returns the outcome of each', async () => {
    const good = works('slack');
    const result = await notifyTest(
      notifier([
        good,
        fails('telegram', new LifeboatError('notify_failed', 'telegram: no', 'Do this.')),
      ]),
      around,
    );
    expect(result).toMatchObject({
      channels: [
        { channel: 'slack', ok: true },
        { channel: 'telegram', ok: false },
      ],
    });
    expect(good.got).toEqual(['[Lifeboat] This is a test notification']);
    expect(notifyTestError(result)).toMatchObject({
      code: 'notify_failed',
      message: '1 of 2 channels failed: telegram: no',
      hint: 'Do this.',
      exit: 10,
    });
  });

  test('has no error when all work, and one when there is no channel', async () => {
    expect(notifyTestError(await notifyTest(notifier([works('slack')]), around))).toBeUndefined();
    await expect(notifyTest(notifier([]), around)).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});
