import type { Notification } from '../notification.ts';

/**
 * The body of a webhook, version 1; `docs/notifications.md` documents it. Fields may be added to a
 * version, never removed or changed. It has the facts instead of texts: times in ISO 8601, sizes in
 * bytes, durations in ms.
 */
export type WebhookBody = { readonly lifeboat: 1; readonly subject: string } & Notification;

export function webhookBody(notification: Notification, subject: string): WebhookBody {
  return {
    lifeboat: 1,
    subject,
    ...notification,
  };
}
