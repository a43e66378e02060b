import { fit, oneLine } from '../../lib/text/text.ts';
import type { Locale } from '../../lib/text/format.ts';
import { englishMessages } from './words/en.ts';
import { portugueseMessages } from './words/pt-br.ts';
import type { MessageWords } from './words/words.ts';
import { mailHtml } from './mail-html.ts';
import { mailText } from './mail-text.ts';
import type { Kind, Notification } from '../notification.ts';
import { discordBody, type DiscordBody } from './discord-body.ts';
import { ntfyBody, type NtfyBody } from './ntfy-body.ts';
import { slackBody, type SlackBody } from './slack-blocks.ts';
import { teamsBody, type TeamsBody } from './teams-body.ts';
import { telegramText } from './telegram-text.ts';
import { viewOfNotification } from './view.ts';
import { webhookBody, type WebhookBody } from './webhook-body.ts';

const MESSAGE_WORDS: Readonly<Record<Locale, MessageWords>> = {
  en: englishMessages,
  'pt-BR': portugueseMessages,
};

/** A notification in one language and in the form of every channel. */
export type Message = {
  readonly kind: Kind;
  /** One line, at most 200 characters. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly slack: SlackBody;
  readonly telegram: string;
  readonly ntfy: NtfyBody;
  readonly discord: DiscordBody;
  readonly teams: TeamsBody;
  readonly webhook: WebhookBody;
};

/** Pure. No value of a notification makes it throw. */
export function messageOf(notification: Notification, locale: Locale): Message {
  const words = MESSAGE_WORDS[locale];
  const view = viewOfNotification(notification, words);
  const subject = fit(oneLine(view.subject), 200);
  return {
    kind: notification.kind,
    subject,
    text: mailText(view, words),
    html: mailHtml(view, words),
    slack: slackBody(view, words),
    telegram: telegramText(view, words),
    ntfy: ntfyBody(view, words),
    discord: discordBody(view, words),
    teams: teamsBody(view, words),
    webhook: webhookBody(notification, subject),
  };
}
