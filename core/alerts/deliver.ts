import { mapConcurrent } from '../lib/async.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Notification } from '../notify/notification.ts';
import type { Notifier, Outcome } from '../notify/notifier.ts';
import { updateNotificationMemory } from '../state/state.ts';
import type { Store } from '../store/store.ts';
import { bundlesOf, type Bundle, type DatabaseAlert } from './bundles.ts';
import { causeOf } from './cause.ts';
import { confirm, hold, type Attempt } from './confirm.ts';
import { decide, type Alert, type Decision } from './decide.ts';
import { EMPTY_MEMORY, parseMemory, type NotificationMemory } from './memory.ts';
import { admit, STORE_MEMORY, updatePacing, withPauses } from './pace.ts';
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
export type Delivery = { readonly alert: Alert; readonly outcomes: readonly Outcome[] };

type ClaimedAlert = DatabaseAlert & {
  readonly subject: AlertSubject;
  /** False: the claim is only in this process, so the alert must not wait. */
  readonly isStored: boolean;
};
type Pace = { readonly now: readonly ClaimedAlert[]; readonly paused: readonly string[] };

const LEASE_MS = 120_000;
const CONCURRENCY = 8;

/**
 * Sends the alerts that the observations call for, once, and records them. Never throws. If the
 * memory cannot be read or written, alerts are sent all the same; a channel that did not take one
 * gets it from a later call. `decide.ts` explains the order, docs/decisions/alerts.md the digests.
 */
export async function deliver(
  options: DeliveryOptions,
  subjects: readonly AlertSubject[],
): Promise<Delivery[]> {
  const { notifier, others } = options;
  if (notifier.channels.length === 0) return [];
  const claimed = await claimAll(options, subjects);
  if (claimed.length === 0) return [];
  const waited = others !== undefined && claimed.some(({ alert }) => alert.waited);
  const collected = waited ? await claimAll({ ...options, takesHeld: true }, others()) : [];
  const pace = await pacedAlerts(options, [...claimed, ...collected]);
  const outcomes = await sendAll(options, pace);
  await recordPauses(options, [...outcomes.values()].flat());
  await recordAttempts(options, pace.now, outcomes);
  return pace.now.map(({ alert }) => ({ alert, outcomes: outcomes.get(alert) ?? [] }));
}

async function claimAll(
  options: DeliveryOptions,
  subjects: readonly AlertSubject[],
): Promise<ClaimedAlert[]> {
  const claims = await mapConcurrent(subjects, CONCURRENCY, (each) => claimAlerts(options, each));
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

/** Holds the alerts of a cause that was reported often enough, and returns what to send now. */
async function pacedAlerts(
  options: DeliveryOptions,
  claimed: readonly ClaimedAlert[],
): Promise<Pace> {
  const { store, now, takesHeld } = options;
  const countable = takesHeld ? [] : claimed.filter(mayWait);
  try {
    const { admitted, paused } = await updatePacing(store, (before) => {
      const alerts = countable.map(({ alert, database }) => ({ cause: causeOf(alert), database }));
      const { pacing, admitted } = admit(before, alerts, now());
      return { pacing, result: { admitted, paused: Object.keys(pacing.pauses) } };
    });
    const held = countable.filter((_, n) => admitted[n] === false);
    const isHolding = await Promise.all(held.map((each) => holdAlert(options, each)));
    const waiting = held.filter((_, n) => isHolding[n]);
    return { now: claimed.filter((each) => !waiting.includes(each)), paused };
  } catch (error) {
    warn(options, 'could not count the alerts of this cause, so none waits for a digest', error);
    return { now: claimed, paused: [] };
  }
}

/** Alerts about the store are few, and no digest could find one that is only in this process. */
function mayWait({ database, alert, isStored }: ClaimedAlert): boolean {
  const isFirst = !alert.waited && alert.channels === undefined;
  return isFirst && isStored && alert.direction !== 'event' && database !== STORE_MEMORY;
}

/** False when the alert must be sent now, because nobody would find it later. */
async function holdAlert(
  options: DeliveryOptions,
  { database, alert }: ClaimedAlert,
): Promise<boolean> {
  const { log, runId } = options;
  try {
    await changeMemory(options, database, (memory) => ({
      memory: hold(memory, alert, claimantOf(options)),
      alerts: [],
    }));
    const text = `other databases have the same problem, so the alert about ${database} waits for the digest of the next watch`;
    log('INFO', text, { event: 'notification', run: runId, kind: alert.kind, database });
    return true;
  } catch (error) {
    warn(options, `could not leave the alert about ${database} to the next digest`, error);
    return false;
  }
}

/** The outcomes of each alert on the channels that were tried. */
async function sendAll(
  options: DeliveryOptions,
  { now, paused }: Pace,
): Promise<ReadonlyMap<Alert, readonly Outcome[]>> {
  const open = options.notifier.channels.filter((channel) => !paused.includes(channel));
  const outcomes = new Map<Alert, Outcome[]>();
  await Promise.all(
    bundlesOf(now, open).map(async (bundle) => {
      const each = await send(options, bundle);
      for (const { alert } of bundle.alerts)
        outcomes.set(alert, [...(outcomes.get(alert) ?? []), ...each]);
    }),
  );
  return outcomes;
}

async function send(
  { notifier, compose, log, runId }: DeliveryOptions,
  { alerts, channels }: Bundle<ClaimedAlert>,
): Promise<readonly Outcome[]> {
  try {
    return await notifier.notify(await compose(alerts), channels);
  } catch (error) {
    log('ERROR', `could not write a notification: ${toLifeboatError(error).message}`, {
      event: 'notification',
      run: runId,
      kind: alerts[0]?.alert.kind,
      cause: error,
    });
    return [];
  }
}

async function recordPauses(options: DeliveryOptions, outcomes: readonly Outcome[]): Promise<void> {
  const pauses = new Map(
    outcomes.flatMap(({ channel, retryAfterMs }) =>
      retryAfterMs === undefined ? [] : [[channel, retryAfterMs] as const],
    ),
  );
  if (pauses.size === 0) return;
  await updatePacing(options.store, (before) => ({
    pacing: withPauses(before, pauses, options.now()),
    result: undefined,
  })).catch((error: unknown) =>
    warn(options, 'could not record that a service asked for a pause', error),
  );
}

async function recordAttempts(
  options: DeliveryOptions,
  sent: readonly ClaimedAlert[],
  outcomes: ReadonlyMap<Alert, readonly Outcome[]>,
): Promise<void> {
  const bySubject = Map.groupBy(sent, ({ subject }) => subject);
  await mapConcurrent([...bySubject], CONCURRENCY, async ([subject, alerts]) => {
    const attempts = alerts.map(({ alert }) =>
      attemptOf(alert, options.notifier.channels, outcomes.get(alert) ?? []),
    );
    const confirmed = (memory: NotificationMemory): NotificationMemory =>
      attempts.reduce((at, attempt) => confirm(at, attempt, claimantOf(options)), memory);
    const { database, fallback } = subject;
    if (fallback && alerts.some(({ isStored }) => !isStored))
      fallback.memory = confirmed(fallback.memory);
    await changeMemory(options, database, (memory) => ({
      memory: confirmed(memory),
      alerts: [],
    })).catch((error: unknown) =>
      warn(options, 'could not record the notification, so it may be sent again', error),
    );
  });
}

/** A channel that is no longer configured is owed nothing. */
function attemptOf(
  alert: Alert,
  configured: readonly string[],
  outcomes: readonly Outcome[],
): Attempt {
  const took = outcomes.filter(({ ok }) => ok).map(({ channel }) => channel);
  const meant = configured.filter((channel) => alert.channels?.includes(channel) ?? true);
  return {
    alert,
    delivered: took.length > 0,
    missing: meant.filter((channel) => !took.includes(channel)),
  };
}

function claimantOf({ now, runId, repeatMs, takesHeld }: DeliveryOptions): Claimant {
  return { now: now(), runId, leaseMs: LEASE_MS, repeatMs, takesHeld };
}

function changeMemory(
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

function warn({ log, runId }: DeliveryOptions, message: string, error: unknown): void {
  const { message: reason, code } = toLifeboatError(error);
  log('WARNING', `${message}: ${reason}`, { event: 'notification', run: runId, code });
}
