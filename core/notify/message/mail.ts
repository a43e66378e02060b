import { LifeboatError } from '../../lib/errors.ts';

/**
 * The recipients and the sender of the mails. `from` may carry a name: `Backups
 * <backups@example.com>`.
 */
export type MailOptions = { readonly to: readonly string[]; readonly from: string };
export type MailAddress = { readonly name: string; readonly email: string };

/** Prevents automatic replies, such as out-of-office messages (RFC 3834). */
export const MAIL_HEADERS: Readonly<Record<string, string>> = {
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
};

export function addressOf(text: string): MailAddress {
  const [, name = '', email = text] = /^\s*"?([^"<>]*?)"?\s*<([^<>]+)>\s*$/.exec(text) ?? [];
  const address = { name: name.trim(), email: email.trim() };
  if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address.email) || /[\r\n]/.test(address.name))
    throw new LifeboatError(
      'config_invalid',
      `${JSON.stringify(text)} is not an e-mail address`,
      'Correct the address under `notify.email` in lifeboat.yaml.',
    );
  return address;
}

/** Each once: SendGrid refuses a mail that names a recipient twice. */
export function recipientsOf(to: readonly string[]): MailAddress[] {
  const addresses = new Map(to.map(addressOf).map((each) => [each.email.toLowerCase(), each]));
  if (addresses.size === 0)
    throw new LifeboatError(
      'config_invalid',
      'no e-mail recipient is configured',
      'Set `notify.email.to` in lifeboat.yaml.',
    );
  return [...addresses.values()];
}

export function senderOf(from: string): MailAddress {
  const { name, email } = addressOf(from);
  return { name: name || 'Lifeboat', email };
}
