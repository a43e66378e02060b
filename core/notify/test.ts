import { LifeboatError } from '../lib/errors.ts';
import type { Notifier, Outcome } from './notifier.ts';

export type NotifyTest = { readonly channels: readonly Outcome[] };

/**
 * Sends a sample to every channel and returns the outcome of each. Throws `config_invalid` when there
 * is none.
 */
export async function notifyTest(
  notifier: Notifier,
  { at, tool, timeZone }: { at: Date; tool: string; timeZone: string },
): Promise<NotifyTest> {
  if (notifier.channels.length === 0)
    throw new LifeboatError(
      'config_invalid',
      'no notification channel is configured',
      'Add a channel under `notify` in lifeboat.yaml: email, slack, telegram, ntfy, discord, teams, webhook or command.',
    );
  return {
    channels: await notifier.notify({ kind: 'sample', at: at.toISOString(), timeZone, tool }),
  };
}

/** The error to end with when a channel failed; `undefined` when all work. */
export function notifyTestError({ channels }: NotifyTest): LifeboatError | undefined {
  const bad = channels.filter(({ ok }) => !ok);
  if (bad.length === 0) return undefined;
  return new LifeboatError(
    'notify_failed',
    `${bad.length} of ${channels.length} channels failed: ${bad.map(({ error, channel }) => error?.message ?? channel).join('; ')}`,
    bad.map(({ error }) => error?.hint ?? '').join(' '),
    { facts: { channels: bad.map(({ channel }) => channel) } },
  );
}
