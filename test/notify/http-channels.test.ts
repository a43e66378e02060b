import { describe, expect, test, vi } from 'vitest';
import { EFFORT } from '../../core/notify/channel/attempts.ts';
import { createSendGrid } from '../../core/notify/channel/email-sendgrid.ts';
import { messageOf } from '../../core/notify/message/message.ts';
import { createDiscord, createTeams } from '../../core/notify/channel/chat-webhook.ts';
import { createNtfy } from '../../core/notify/channel/ntfy.ts';
import { createSlack } from '../../core/notify/channel/slack.ts';
import { createTelegram } from '../../core/notify/channel/telegram.ts';
import { createWebhook } from '../../core/notify/channel/webhook.ts';
import { channelContract, type Mood } from '../contract/channel.ts';
import {
  startService,
  type Behaviour,
  type FakeService,
  type Received,
  type Reply,
} from '../fakes/http-service.ts';
import * as services from '../fakes/notification-services.ts';
import { SAMPLES } from '../support/notifications.ts';

type Answers = Record<
  'ok' | 'rejects' | 'unauthorized' | 'forbidden' | 'broken' | 'echoes',
  (request: Received) => Reply
> & {
  busy: (seconds: number) => Reply;
};

const underTest = (service: FakeService, answers: Answers, taken: string[]) => ({
  mood: (...moods: Mood[]) =>
    service.next(
      ...moods.map((mood): Behaviour =>
        mood === 'silent' || mood === 'cut'
          ? mood
          : mood === 'busy'
            ? () => answers.busy(7)
            : answers[mood],
      ),
    ),
  requests: () => service.received.length,
  taken: () => taken,
  whenSilent: (listener: () => void) => {
    service.whenSilent = listener;
  },
  asksToWait: true,
});

const started = async (answers: Answers) => {
  const taken: string[] = [];
  const service = await startService((request) => {
    const reply = answers.ok(request);
    if (reply.status < 300) taken.push(request.body);
    return reply;
  });
  return { service, ...underTest(service, answers, taken) };
};

const MAIL = {
  to: ['ops@example.com', 'Ana <ana@example.com>', 'OPS@example.com'],
  from: 'backups@example.com',
};
const KEY = 'SG.q8Wc0aVNT6.very-secret-part-of-the-key';
const HOOK = '/services/T0000AAAA/B1111BBBB/xyzXYZxyzXYZxyzXYZ123456';
const TOKEN = '123456789:AAE-very_secret-part-of-token';
const SECRET = 'a-long-random-shared-secret';
const message = messageOf(SAMPLES.failed, 'en');
const signal = new AbortController().signal;

channelContract('SendGrid', async () => {
  const { service, ...rest } = await started(services.sendGrid(KEY));
  return {
    ...rest,
    secrets: [KEY, 'very-secret'],
    open: (effort) => createSendGrid({ ...MAIL, apiKey: KEY, baseUrl: service.url, effort }),
  };
});
channelContract('Slack', async () => {
  const { service, ...rest } = await started(services.slack(HOOK));
  return {
    ...rest,
    secrets: [HOOK, 'xyzXYZ'],
    open: (effort) => createSlack({ webhookUrl: `${service.url}${HOOK}\n`, effort }),
  };
});
channelContract('Telegram', async () => {
  const { service, ...rest } = await started(services.telegram(TOKEN, '-100123'));
  return {
    ...rest,
    secrets: [TOKEN, 'very_secret'],
    open: (effort) =>
      createTelegram({ botToken: TOKEN, chat: '-100123', baseUrl: `${service.url}/`, effort }),
  };
});
channelContract('ntfy', async () => {
  const { service, ...rest } = await started(services.ntfy(KEY));
  return {
    ...rest,
    secrets: [KEY, 'very-secret'],
    open: (effort) => createNtfy({ topic: 'alerts', url: service.url, token: KEY, effort }),
  };
});
channelContract('Discord', async () => {
  const { service, ...rest } = await started(services.discord(HOOK));
  return {
    ...rest,
    secrets: [HOOK, 'xyzXYZ'],
    open: (effort) => createDiscord({ webhookUrl: `${service.url}${HOOK}\n`, effort }),
  };
});
channelContract('Microsoft Teams', async () => {
  const path = `${HOOK}?sp=%2Ftriggers&sig=very-secret-signature`;
  const { service, ...rest } = await started(services.teams(path));
  return {
    ...rest,
    secrets: [HOOK, 'xyzXYZ', 'very-secret'],
    open: (effort) => createTeams({ webhookUrl: `${service.url}${path}`, effort }),
  };
});
channelContract('a webhook', async () => {
  const { service, ...rest } = await started(services.webhook(SECRET));
  const url = `${service.url}/in/very-secret-path?token=very-secret-token`;
  return {
    ...rest,
    secrets: [SECRET, 'very-secret'],
    open: (effort) => createWebhook({ url, secret: SECRET, effort }),
  };
});

describe('SendGrid', () => {
  test('each recipient is named once, tracking is off, and nothing answers by itself', async () => {
    const service = await startService(services.sendGrid(KEY).ok);
    await createSendGrid({ ...MAIL, apiKey: `${KEY}\n`, baseUrl: service.url }).send(
      message,
      signal,
    );
    expect(JSON.parse(service.received[0]?.body ?? '')).toMatchObject({
      from: { email: 'backups@example.com', name: 'Lifeboat' },
      subject: message.subject,
      personalizations: [
        { to: [{ email: 'OPS@example.com' }, { email: 'ana@example.com', name: 'Ana' }] },
      ],
      headers: { 'Auto-Submitted': 'auto-generated' },
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        open_tracking: { enable: false },
      },
    });
  });

  test('a key of another form prints nothing and is left to SendGrid to judge', async () => {
    const warn = vi.spyOn(console, 'warn');
    const service = await startService(services.sendGrid('other-form').ok);
    await createSendGrid({ ...MAIL, apiKey: 'other-form', baseUrl: service.url }).send(
      message,
      signal,
    );
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('a redirect is not followed: the key would go with it', async () => {
    const elsewhere = await startService(() => ({ status: 202 }));
    const service = await startService(() => ({
      status: 302,
      headers: { location: elsewhere.url },
    }));
    await expect(
      createSendGrid({
        ...MAIL,
        apiKey: KEY,
        baseUrl: service.url,
        effort: { ...EFFORT, attempts: 1 },
      }).send(message, signal),
    ).rejects.toMatchObject({
      code: 'notify_failed',
    });
    expect(elsewhere.received).toEqual([]);
  });

  test.each([
    [401, /api_keys/],
    [403, /sender_auth/],
    [451, /api\.eu\.sendgrid\.com/],
  ])('%i says where to look', async (status, hint) => {
    const service = await startService(() => ({
      status,
      body: '{"errors":[{"message":"no"}]}',
      headers: { 'content-type': 'application/json' },
    }));
    const sent = createSendGrid({ ...MAIL, apiKey: KEY, baseUrl: service.url }).send(
      message,
      signal,
    );
    await expect(sent).rejects.toMatchObject({
      hint: expect.stringMatching(hint),
      message: `email-sendgrid: the service answered ${status} no`,
    });
  });
});

describe('Telegram', () => {
  test('a group that became a supergroup is named by its new number', async () => {
    const { ok, moved } = services.telegram(TOKEN, '-1');
    const service = await startService(ok);
    service.next(moved);
    const sent = createTelegram({ botToken: TOKEN, chat: '-1', baseUrl: service.url }).send(
      message,
      signal,
    );
    await expect(sent).rejects.toMatchObject({ hint: expect.stringContaining('"-1001234567890"') });
  });
});

describe('a webhook', () => {
  test('attempts of one message have one delivery id; another message has another', async () => {
    const service = await startService(() => ({ status: 200 }));
    service.next(() => ({ status: 500 }));
    const channel = createWebhook({
      url: service.url,
      secret: SECRET,
      effort: { ...EFFORT, sleep: async () => undefined },
    });
    await channel.send(message, signal);
    await channel.send(message, signal);
    const [one, two, three] = service.received.map(({ headers }) => headers['x-lifeboat-delivery']);
    expect(one).toBe(two);
    expect(three).not.toBe(one);
  });

  test('credentials in the address become a header, and a redirect is not followed', async () => {
    const service = await startService(() => ({ status: 307, headers: { location: '/else' } }));
    const url = service.url.replace('//', '//user:p%40ss@');
    await expect(
      createWebhook({ url, secret: SECRET }).send(message, signal),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('final URL'),
    });
    expect(service.received.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    ]);
  });
});

describe('a channel that is set up wrongly', () => {
  const webhook = (url: string, secret = SECRET) => createWebhook({ url, secret });
  test.each([
    ['no key', createSendGrid({ ...MAIL, apiKey: undefined })],
    ['a key with a space', createSendGrid({ ...MAIL, apiKey: 'SG.very secret' })],
    ['a base that is no address', createSendGrid({ ...MAIL, apiKey: KEY, baseUrl: 'nowhere' })],
    ['no recipient', createSendGrid({ to: [], from: MAIL.from, apiKey: KEY })],
    [
      'a recipient that is no address',
      createSendGrid({ to: ['ops'], from: MAIL.from, apiKey: KEY }),
    ],
    [
      'a sender with a line end',
      createSendGrid({ to: MAIL.to, from: 'x\r\nBcc: y <a@b.c>', apiKey: KEY }),
    ],
    ['no Discord address', createDiscord({ webhookUrl: undefined })],
    ['a Teams address that is none', createTeams({ webhookUrl: 'very-secret' })],
    [
      'an ntfy token with a space',
      createNtfy({ topic: 'a', url: 'https://x', token: 'very secret' }),
    ],
    ['no Slack address', createSlack({ webhookUrl: ' ' })],
    ['a Slack address that is none', createSlack({ webhookUrl: 'hooks.slack.com/very-secret' })],
    ['no bot token', createTelegram({ botToken: undefined, chat: '1' })],
    ['a bot token that is none', createTelegram({ botToken: 'very-secret', chat: '1' })],
    ['a webhook without a signature', webhook('https://example.com/', '')],
    ['a webhook without encryption', webhook('http://example.com/very-secret')],
    ['a webhook that is a file', webhook('file:///very-secret')],
  ])('with %s is named as such, without its secret', async (_, channel) => {
    const error = await channel.send(message, signal).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: 'config_invalid',
      hint: expect.stringMatching(/^.{10,}$/),
    });
    expect(String(error)).not.toMatch(/very.secret/);
  });
});
