import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messageOf } from '../../core/notify/message/message.ts';
import { NOTIFICATION_KINDS } from '../../core/notify/notification.ts';
import { webhookSignature } from '../../core/notify/channel/webhook.ts';
import { SAMPLES } from '../support/notifications.ts';

const page = readFileSync(
  join(import.meta.dirname, '..', '..', 'docs', 'notifications.md'),
  'utf8',
);
const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';

describe('the page on notifications', () => {
  test('names every kind', () => {
    for (const kind of NOTIFICATION_KINDS) expect(page).toContain(`\`${kind}\``);
  });

  test('shows the body of a webhook as it is sent', () => {
    const { logUrl: _, ...sample } = SAMPLES.failed;
    expect(JSON.parse(block('json'))).toEqual(
      JSON.parse(JSON.stringify(messageOf(sample, 'en').webhook)),
    );
  });

  test('shows the text of a mail as it is sent', () => {
    const [text = ''] = messageOf(SAMPLES.failed, 'en').text.split('\n\nOpen the log');
    expect(page.replaceAll(/^ {4}/gm, '')).toContain(text);
  });

  test('has code for Node that takes what is genuine and nothing else', async () => {
    type Check = (
      secret: string,
      headers: Record<string, string>,
      body: string,
      now?: number,
    ) => boolean;
    const { isGenuine } = (await import(
      `data:text/javascript,${encodeURIComponent(block('js'))}`
    )) as { isGenuine: Check };
    const [secret, body, time] = ['a secret', JSON.stringify({ text: 'ção' }), '1795500000'];
    const headers = {
      'x-lifeboat-timestamp': time,
      'x-lifeboat-signature': webhookSignature(secret, time, body),
    };
    expect(isGenuine(secret, headers, body, 1795500300)).toBe(true);
    expect(isGenuine(secret, headers, body, 1795500301)).toBe(false);
    expect(isGenuine('another', headers, body, 1795500000)).toBe(false);
    expect(isGenuine(secret, headers, `${body} `, 1795500000)).toBe(false);
    expect(
      isGenuine(secret, { ...headers, 'x-lifeboat-timestamp': '1795500001' }, body, 1795500000),
    ).toBe(false);
    expect(isGenuine(secret, {}, body)).toBe(false);
  });
});
