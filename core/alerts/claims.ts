import { mapConcurrent } from '../lib/async.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log/log.ts';
import type { Notification } from '../notify/notification.ts';
import type { Notifier } from '../notify/notifier.ts';
import { updateNotificationMemory } from '../state/state.ts';
import type { Store } from '../store/store.ts';
import type { DatabaseAlert } from './bundles.ts';
import { decide, type Alert, type Decision } from './decide.ts';
import { EMPTY_MEMORY, parseMemory, type NotificationMemory } from './memory.ts';
import type { Claimant, Observation } from './rules.ts';

export type DeliveryOptions = {
  readonly store: Store;
  readonly notifier: Notifier;
  /** Writes the notification. It may look up more; if it throws, a later call sends the alerts. */
  readonly compose: (alerts: readonly DatabaseAlert[]) => Promise<Notification> | Notification;
  readonly log: Log;
  readonly now: () => Date;
  /** How long a problem lasts before a reminder, ms; a day when absent. */
  readonly repeatMs?: number | undefined;
  /** Names this run, and no other at the same time. */
  readonly runId: string;
  /** Sends the digest of what other runs have held, and holds nothing itself. */
  readonly takesHeld?: boolean | undefined;
  /** Further databases, whose held alerts are sent together with one that has waited long enough. */
  readonly others?: (() => readonly AlertSubject[]) | undefined;
  /** Whether a digest would find a held alert of this database; every one when absent. */
  readonly isCollected?: ((database: string) => boolean) | undefined;
  /** This machine: problems of its own files have no cause in common with those of another one. */
  readonly machine?: string | undefined;
};

/** What was observed about one database. */
export type AlertSubject = {
  /** The database whose state object has the memory. */
  readonly database: string;
  readonly observations: readonly Observation[];
  /**
   * Stands in for the memory while the store does not answer. Keep it between calls, so that the
   * retries of one process send once.
   */
  readonly fallback?: Fallback | undefined;
};

export type Fallback = { memory: NotificationMemory };
/** An alert that this run has claimed. */
export type ClaimedAlert = DatabaseAlert & {
  readonly subject: AlertSubject;
  /** False: the claim is only in this process, so the alert must not wait. */
  readonly isStored: boolean;
};
const LEASE_MS = 120_000;
/** How many memories are read or written at once. */
export const MEMORY_CONCURRENCY = 8;

/**
 * Claims the alerts that are due in the memory of each database. If a memory cannot be read, the
 * alerts are due all the same. Never throws.
 */
export async function claimAll(
  options: DeliveryOptions,
  subjects: readonly AlertSubject[],
): Promise<ClaimedAlert[]> {
  const claims = await mapConcurrent(subjects, MEMORY_CONCURRENCY, (each) =>
    claimAlerts(options, each),
  );
  return claims.flat();
}

async function claimAlerts(
  options: DeliveryOptions,
  subject: AlertSubject,
): Promise<ClaimedAlert[]> {
  const { database, observations, fallback = { memory: EMPTY_MEMORY } } = subject;
  const decideNow = (memory: NotificationMemory): Decision =>
    decide(memory, observations, claimantOf(options));
  const claimed = (alerts: readonly Alert[], isStored: boolean): ClaimedAlert[] =>
    alerts.map((alert) => ({ database, alert, subject, isStored }));
  try {
    return claimed(await changeMemory(options, database, decideNow), true);
  } catch (error) {
    // The store may be the very thing that failed. A second message is better than none.
    warn(options, 'could not read which notifications were sent, so some may be repeated', error);
    const { memory, alerts } = decideNow(fallback.memory);
    fallback.memory = memory;
    return claimed(alerts, false);
  }
}

export function claimantOf({ now, runId, repeatMs, takesHeld }: DeliveryOptions): Claimant {
  return { now: now(), runId, leaseMs: LEASE_MS, repeatMs, takesHeld };
}

export function changeMemory(
  { store }: DeliveryOptions,
  database: string,
  change: (memory: NotificationMemory) => Decision,
): Promise<readonly Alert[]> {
  return updateNotificationMemory(store, database, (stored) => {
    const before = parseMemory(stored);
    const { memory, alerts } = change(before);
    const unchanged = JSON.stringify(memory) === JSON.stringify(before);
    return { memory: unchanged ? undefined : memory, result: alerts };
  });
}

export function warn({ log, runId }: DeliveryOptions, message: string, error: unknown): void {
  const { message: reason, code } = toLifeboatError(error);
  log('WARNING', `${message}: ${reason}`, { event: 'notification', run: runId, code });
}
