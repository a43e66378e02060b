import { mapConcurrent } from '../lib/async.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { Outcome } from '../notify/notifier.ts';
import { bundlesOf, type Bundle } from './bundles.ts';
import { causeOf } from './cause.ts';
import {
  changeMemory,
  claimAll,
  claimantOf,
  MEMORY_CONCURRENCY,
  warn,
  type AlertSubject,
  type ClaimedAlert,
  type DeliveryOptions,
} from './claims.ts';
import { confirm, hold, type Attempt } from './confirm.ts';
import type { Alert } from './decide.ts';
import type { NotificationMemory } from './memory.ts';
import { admit, STORE_MEMORY, updatePacing, withPauses } from './pace.ts';

export type AlertDelivery = { readonly alert: Alert; readonly outcomes: readonly Outcome[] };

type Pace = { readonly now: readonly ClaimedAlert[]; readonly paused: readonly string[] };

/**
 * Sends the alerts that the observations call for, once, and records them. Never throws. If the
 * memory cannot be read or written, alerts are sent all the same; a channel that did not take one
 * gets it from a later call. `decide.ts` explains the order, docs/decisions/alerts.md the digests.
 */
export async function deliver(
  options: DeliveryOptions,
  subjects: readonly AlertSubject[],
): Promise<AlertDelivery[]> {
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

/** Holds the alerts of a cause that was reported often enough, and returns what to send now. */
async function pacedAlerts(
  options: DeliveryOptions,
  claimed: readonly ClaimedAlert[],
): Promise<Pace> {
  const { store, now, takesHeld, machine, isCollected = () => true } = options;
  const countable = takesHeld
    ? []
    : claimed.filter((each) => mayWait(each) && isCollected(each.database));
  try {
    const { admitted, paused } = await updatePacing(store, (before) => {
      const alerts = countable.map(({ alert, database }) => ({
        cause: causeOf(alert, machine),
        database,
      }));
      const { pacing, admitted } = admit(before, alerts, now());
      return { pacing, result: { admitted, paused: Object.keys(pacing.pauses) } };
    });
    const excess = countable.filter((_, n) => admitted[n] === false);
    const isHolding = await Promise.all(excess.map((each) => holdAlert(options, each)));
    const waiting = excess.filter((_, n) => isHolding[n]);
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
    warn(options, `could not queue the alert about ${database} for the next digest`, error);
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
      const each = await sendBundle(options, bundle);
      for (const { alert } of bundle.alerts)
        outcomes.set(alert, [...(outcomes.get(alert) ?? []), ...each]);
    }),
  );
  return outcomes;
}

async function sendBundle(
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
  await mapConcurrent([...bySubject], MEMORY_CONCURRENCY, async ([subject, alerts]) => {
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
  const successes = outcomes.filter(({ ok }) => ok).map(({ channel }) => channel);
  const addressees = configured.filter((channel) => alert.channels?.includes(channel) ?? true);
  return {
    alert,
    delivered: successes.length > 0,
    missing: addressees.filter((channel) => !successes.includes(channel)),
  };
}
