import type { OpenOptions } from '../../core/app/open.ts';
import { startService, type FakeService } from '../fakes/http-service.ts';
import * as services from '../fakes/notification-services.ts';

const KEY = 'SG.q8Wc0aVNT6.very-secret-part-of-the-key';
const HOOK = '/services/T0000AAAA/B1111BBBB/xyzXYZxyzXYZxyzXYZ123456';
const TOKEN = '123456789:AAE-very_secret-part-of-token';
const SECRET = 'a-long-random-shared-secret';

type Delivery = {
  kind: string;
  subject: string;
  database?: string;
  run?: string;
  fault?: { step?: string; code: string };
  databases?: { database: string; ok: boolean }[];
};

/** Four fake channels on the loopback interface, with a configuration and secrets that point at them. */
export async function startChannels() {
  const [mail, chat, bot, hook] = [
    await startService(services.sendGrid(KEY).ok),
    await startService(services.slack(HOOK).ok),
    await startService(services.telegram(TOKEN, '-100123').ok),
    await startService(services.webhook(SECRET).ok),
  ];
  const all: FakeService[] = [mail, chat, bot, hook];
  const env: OpenOptions['env'] = {
    SENDGRID_API_KEY: KEY,
    SENDGRID_BASE_URL: mail.url,
    SLACK_WEBHOOK_URL: `${chat.url}${HOOK}`,
    TELEGRAM_BOT_TOKEN: TOKEN,
    TELEGRAM_BASE_URL: bot.url,
    LIFEBOAT_WEBHOOK_SECRET: SECRET,
  };
  return {
    env,
    yaml: `notify: { email: { to: [ops@example.com], from: backups@example.com }, slack: {}, telegram: { chat: "-100123" }, webhook: { url: "${hook.url}" } }\n`,
    mail,
    key: KEY,
    /** The number of messages at each channel. */
    counts: () => all.map(({ received }) => received.length),
    /** The notifications at the webhook, oldest first. The other channels received the same. */
    notifications: () => hook.received.map(({ body }) => JSON.parse(body) as Delivery),
  };
}
