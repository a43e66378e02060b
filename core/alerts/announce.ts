// Alerts: turns what runs and the watch observe into notifications, each sent once, and recorded in
// the state object. It promises at-least-once delivery, and that a failing channel or store never
// fails a run. It imports `state`, `notify` and what is below them.
//
// How a failed backup becomes a mail: the run calls `announce` with the observation that
// `observations.ts` made of its error; `deliver.ts` asks `decide.ts` whether an alert is due, then
// sends it through the notifier, whose `notify/message/message.ts` writes the mail.

import type { Context } from '../context.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { GoodBackup, Notification, RestoreTestRow } from '../notify/notification.ts';
import type { Notifier } from '../notify/notifier.ts';
import { readState } from '../state/state.ts';
import type { Alert } from './decide.ts';
import { deliver, type Fallback } from './deliver.ts';
import { EMPTY_MEMORY } from './memory.ts';
import { notificationOf } from './notification.ts';
import { lastRestoreTests, restoreTestRows } from './restore-test-rows.ts';
import type { Observation } from './rules.ts';

/**
 * The state object that remembers what was sent about the store itself. No database can have this
 * name.
 */
export const STORE_MEMORY = '_store';

export type AlertTarget = {
  readonly database: string;
  readonly timeZone: string;
  /**
   * The state object with the memory: the database's own unless the alert concerns the whole store.
   */
  readonly memory?: typeof STORE_MEMORY;
};

export type AlertRun = {
  /** Names this run, and no other at the same time. */
  readonly runId: string;
  /** The databases of the restore test that is reported. */
  readonly rows?: readonly RestoreTestRow[];
};

// While a store does not answer, what was sent is remembered here, so that the retries of one
// process send once.
const fallbacks = new WeakMap<Notifier, Map<string, Fallback>>();

/**
 * Notifies the configured channels of what was observed about a database. Without channels it does
 * nothing. Never throws.
 */
export async function announce(
  context: Context,
  target: AlertTarget,
  observations: readonly Observation[],
  { runId, rows }: AlertRun,
): Promise<void> {
  const { notifier, store, log, now, repeatMs } = context;
  const { database, memory = database } = target;
  if (!notifier) return;
  const options = {
    store,
    database: memory,
    notifier,
    compose: (alert: Alert) => compose(context, target, alert, rows),
    log,
    now,
    repeatMs,
    runId,
    fallback: fallbackOf(notifier, memory),
  };
  try {
    await deliver(options, observations);
  } catch (error) {
    log('ERROR', `could not send alerts about ${database}: ${toLifeboatError(error).message}`, {
      event: 'notification',
      database,
      run: runId,
      cause: error,
    });
  }
}

/** Store-wide and deployment-wide problems: one alert for the store, not one per database. */
export function announceStore(
  context: Context,
  timeZone: string,
  observations: readonly Observation[],
  runId: string,
): Promise<void> {
  const target = { database: context.store.url, timeZone, memory: STORE_MEMORY } as const;
  return announce(context, target, observations, { runId });
}

async function compose(
  context: Context,
  { database, timeZone, memory }: AlertTarget,
  alert: Alert,
  rows: readonly RestoreTestRow[] | undefined,
): Promise<Notification> {
  const { tool, project } = context;
  const surroundings = { database, timeZone, tool, project };
  if (alert.direction === 'event') {
    const databases = rows ?? (await rowsFromSummaries(context, database));
    return notificationOf(alert, { ...surroundings, databases });
  }
  const lastGood = memory === undefined ? await lastGoodBackup(context, database) : undefined;
  return notificationOf(alert, { ...surroundings, lastGood });
}

/** Undefined when the store does not answer: that is not the same as `null`, no backup. */
async function lastGoodBackup(
  context: Context,
  database: string,
): Promise<GoodBackup | null | undefined> {
  try {
    const newest = (await readState(context, database))?.backups[0];
    return newest ? { id: newest.id, takenAt: newest.takenAt, size: newest.size } : null;
  } catch {
    return undefined;
  }
}

/** The table of a restore test whose run crashed before it sent the message. */
async function rowsFromSummaries(context: Context, database: string): Promise<RestoreTestRow[]> {
  const { configured } = context;
  return restoreTestRows(
    await lastRestoreTests(context, configured.length > 0 ? configured : [database]),
  );
}

function fallbackOf(notifier: Notifier, memory: string): Fallback {
  const all = fallbacks.get(notifier) ?? new Map<string, Fallback>();
  fallbacks.set(notifier, all);
  const fallback = all.get(memory) ?? { memory: EMPTY_MEMORY };
  all.set(memory, fallback);
  return fallback;
}
