import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { missingPackage } from '../lib/missing-package.ts';
import { createRedaction } from '../lib/log/redaction.ts';
import { secretParts } from '../lib/log/secret-parts.ts';
import { fit, oneLine } from '../lib/text/text.ts';
import type { Message } from './message/message.ts';

/** The answer of a service that took a message. `warning`: it refused some of the recipients. */
export type Receipt = { readonly warning?: string };

/** One way to reach a person. */
export interface Channel {
  /**
   * `email-sendgrid`, `email-smtp`, `slack`, `telegram`, `ntfy`, `discord`, `teams`, `webhook` or
   * `command`.
   */
  readonly name: string;
  /**
   * Resolves once the service has taken the message. At least once: after a cut connection it is
   * sent again. Throws LifeboatError: `config_invalid` when the channel cannot work as it is set
   * up, `notify_failed` when the service refuses or does not answer. An error never contains a
   * secret. Stops when the signal aborts.
   */
  send(message: Message, signal: AbortSignal): Promise<Receipt>;
}

/**
 * A failed attempt, before `channelError` removes secrets from it. Only a transient one is retried,
 * after `retryAfterMs` if the service requested a pause.
 */
export function serviceFailure(
  message: string,
  hint: string,
  options: { transient: boolean; retryAfterMs?: number | undefined },
): LifeboatError {
  return new LifeboatError('notify_failed', message, hint, options);
}

/**
 * Hides the secrets of a channel, and every fragment of them. Also short ones, which in other texts
 * would hide ordinary words.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const { hide } = createRedaction(secrets.flatMap(secretParts));
  return hide(
    secrets
      .flatMap((secret) => [secret, encodeURIComponent(secret)])
      .filter(({ length }) => length >= 4)
      .reduce((clean, secret) => clean.replaceAll(secret, '***'), text),
  );
}

/**
 * A failure as it is logged. It has no `cause`, because the errors of HTTP clients contain the
 * request with its headers.
 */
export function channelError(
  channel: string,
  failure: unknown,
  secrets: readonly string[],
): LifeboatError {
  // A slim installation: the command that installs the package is the answer.
  if (missingPackage(failure) !== undefined) return toLifeboatError(failure);
  const isOurs = failure instanceof LifeboatError;
  if (isOurs && failure.code !== 'notify_failed') return failure;
  const text = failure instanceof Error ? failure.message : String(failure);
  const hint = isOurs
    ? failure.hint
    : 'This is a bug in Lifeboat: please report it with this log line.';
  // Redacted before it is cut: half a secret would not be found.
  const message = fit(oneLine(redact(text, secrets)), 400);
  return new LifeboatError('notify_failed', `${channel}: ${message}`, redact(hint, secrets), {
    facts: { channel },
    retryAfterMs: isOurs ? failure.retryAfterMs : undefined,
  });
}

/**
 * A secret without surrounding white space (secret managers add a line end). Throws `config_invalid`
 * when it is missing or has any other unprintable character.
 */
export function secretOf(name: string, value: string | undefined, hint: string): string {
  const secret = value?.trim() ?? '';
  if (secret === '') throw new LifeboatError('config_invalid', `${name} is not set`, hint);
  if (!/^[\x21-\x7e]+$/.test(secret))
    throw new LifeboatError(
      'config_invalid',
      `${name} contains a space or another character that no secret has`,
      hint,
    );
  return secret;
}
