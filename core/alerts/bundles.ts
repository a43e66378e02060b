import type { Alert } from './decide.ts';

/** An alert about one database, or about the store. */
export type DatabaseAlert = { readonly database: string; readonly alert: Alert };

/** One message: an alert, or the digest of several databases, for these channels. */
export type Bundle<T extends DatabaseAlert> = {
  readonly channels: readonly string[];
  readonly alerts: readonly T[];
};

/**
 * The messages that these alerts make. Problems of several databases become one digest, and so do
 * recoveries; what concerns one database stays a message of its own. A channel gets only what it has
 * not had yet, so that two channels may get different digests. Channels without an alert get
 * nothing.
 */
export function bundlesOf<T extends DatabaseAlert>(
  alerts: readonly T[],
  channels: readonly string[],
): Bundle<T>[] {
  return (['bad', 'good', 'event'] as const).flatMap((direction) => {
    const ofDirection = alerts.filter(({ alert }) => alert.direction === direction);
    const byContent = Map.groupBy(channels, (channel) =>
      ofDirection.flatMap(({ alert }, n) => (isFor(alert, channel) ? [n] : [])).join(),
    );
    return [...byContent.values()].flatMap((group): Bundle<T>[] => {
      const [first = ''] = group;
      const content = ofDirection.filter(({ alert }) => isFor(alert, first));
      return direction === 'event' || isOneDatabase(content)
        ? content.map((each) => ({ channels: group, alerts: [each] }))
        : [{ channels: group, alerts: content }];
    });
  });
}

function isFor({ channels }: Alert, channel: string): boolean {
  return channels?.includes(channel) ?? true;
}

function isOneDatabase(alerts: readonly DatabaseAlert[]): boolean {
  return new Set(alerts.map(({ database }) => database)).size <= 1;
}
