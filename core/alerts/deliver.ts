import { toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Notification } from '../notify/notification.ts';
import type { Notifier, Outcome } from '../notify/notifier.ts';
import { updateNotificationMemory } from '../state/state.ts';
import type { Store } from '../store/store.ts';
import { confirm, decide, type Alert, type Decision } from './decide.ts';
import { EMPTY_MEMORY, parseMemory, type NotificationMemory } from './memory.ts';
import type { Observation } from './rules.ts';

export type DeliveryOptions = {
  readonly store: Store;
  /** The database whose state object has the memory. */
  readonly database: string;
  readonly notifier: Notifier;
  /** Writes the notification. It may look up more; if it throws, a later call sends the alert. */
  readonly compose: (alert: Alert) => Promise<Notification> | Notification;
  readonly log: Log;
  readonly now: () => Date;
  /** How long a problem lasts before a reminder, ms; a day when absent. */
  readonly repeatMs?: number | undefined;
  /** Names this run, and no other at the same time. */
  readonly runId: string;
  /**
   * Stands in for the memory while the store does not answer. Keep it between calls, so that the
   * retries of one process send once.
   */
  readonly fallback?: Fallback | undefined;
};

export type Fallback = { memory: NotificationMemory };
export type Delivery = { readonly alert: Alert; readonly outcomes: readonly Outcome[] };

type Claimed = { readonly alerts: readonly Alert[]; readonly memoryRead: boolean };

const LEASE_MS = 120_000;

/**
 * Sends the alerts that the observations call for, once, and records them. Never throws. If the
 * memory cannot be read or written, alerts are sent all the same; an alert that no channel took
 * stays claimed, and the next call sends it. `decide.ts` explains the order.
 */
export async function deliver(
  options: DeliveryOptions,
  observations: readonly Observation[],
): Promise<Delivery[]> {
  if (options.notifier.channels.length === 0) return [];
  const fallback = options.fallback ?? { memory: EMPTY_MEMORY };
  const { alerts, memoryRead } = await claim(options, observations, fallback);
  const deliveries = await Promise.all(alerts.map((alert) => send(options, alert)));
  if (deliveries.length === 0) return [];
  const confirmed = (memory: NotificationMemory) => confirmAll(options, deliveries, memory);
  if (!memoryRead) fallback.memory = confirmed(fallback.memory);
  await changeMemory(options, (memory) => ({ memory: confirmed(memory), alerts: [] })).catch(
    (error: unknown) =>
      warn(options, 'could not record the notification, so it may be sent again', error),
  );
  return deliveries;
}

async function claim(
  options: DeliveryOptions,
  observations: readonly Observation[],
  fallback: Fallback,
): Promise<Claimed> {
  const { now, runId, repeatMs } = options;
  const decideNow = (memory: NotificationMemory): Decision =>
    decide(memory, observations, { now: now(), runId, leaseMs: LEASE_MS, repeatMs });
  try {
    return { alerts: await changeMemory(options, decideNow), memoryRead: true };
  } catch (error) {
    // The store may be the very thing that failed. A second message is better than none.
    warn(options, 'could not read which notifications were sent, so some may be repeated', error);
    const { memory, alerts } = decideNow(fallback.memory);
    fallback.memory = memory;
    return { alerts, memoryRead: false };
  }
}

async function send(
  { notifier, compose, log, runId }: DeliveryOptions,
  alert: Alert,
): Promise<Delivery> {
  try {
    return { alert, outcomes: await notifier.notify(await compose(alert)) };
  } catch (error) {
    log('ERROR', `could not write a notification: ${toLifeboatError(error).message}`, {
      event: 'notification',
      run: runId,
      kind: alert.kind,
      cause: error,
    });
    return { alert, outcomes: [] };
  }
}

function confirmAll(
  { now, runId }: DeliveryOptions,
  deliveries: readonly Delivery[],
  memory: NotificationMemory,
): NotificationMemory {
  return deliveries.reduce((at, { alert, outcomes }) => {
    const delivered = outcomes.some(({ ok }) => ok);
    return confirm(at, { alert, delivered }, { now: now(), runId });
  }, memory);
}

function changeMemory(
  { store, database }: DeliveryOptions,
  change: (memory: NotificationMemory) => Decision,
): Promise<readonly Alert[]> {
  return updateNotificationMemory(store, database, (stored) => {
    const before = parseMemory(stored);
    const { memory, alerts } = change(before);
    const unchanged = JSON.stringify(memory) === JSON.stringify(before);
    return { memory: unchanged ? undefined : memory, result: alerts };
  });
}

function warn({ log, runId }: DeliveryOptions, message: string, error: unknown): void {
  const { message: reason, code } = toLifeboatError(error);
  log('WARNING', `${message}: ${reason}`, { event: 'notification', run: runId, code });
}
