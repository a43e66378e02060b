// Alerts: turns what runs and the watch observe into notifications, each sent once, and recorded in
// the state object. It promises at-least-once delivery, and that a failing channel or store never
// fails a run. It imports `state`, `notify` and what is below them.
//
// How a failed backup becomes a mail: the run calls `announce` with the observation that
// `observations.ts` made of its error; `deliver.ts` asks `decide.ts` whether an alert is due, and
// `pace.ts` whether it is sent now or waits for a digest (`digest.ts`). The notifier sends it, and
// its `notify/message/message.ts` writes the mail.

import { hostname } from 'node:os';
import type { Context } from '../context.ts';
import { toLifeboatError } from '../lib/errors.ts';
import { mapConcurrent } from '../lib/async.ts';
import type { GoodBackup, Notification, RestoreTestRow } from '../notify/notification.ts';
import type { Notifier } from '../notify/notifier.ts';
import { nextRun } from '../schedule/cron.ts';
import type { DatabaseAlert } from './bundles.ts';
import { hostOf } from './cause.ts';
import type { Alert } from './decide.ts';
import { MEMORY_CONCURRENCY, type AlertSubject, type Fallback } from './claims.ts';
import { deliver } from './deliver.ts';
import { databasesAlone, digestOf } from './digest.ts';
import { lastGoodBackup } from './last-good.ts';
import { EMPTY_MEMORY } from './memory.ts';
import { notificationOf, type AlertOrigin } from './notification.ts';
import { STORE_MEMORY } from './pace.ts';
import { lastRestoreTests, restoreTestRows } from './restore-test-rows.ts';
import type { Observation } from './rules.ts';

export type AlertTarget = {
  readonly database: string;
  readonly timeZone: string;
  /** When it is backed up; a message says when the next try is. */
  readonly schedule?: string | undefined;
  /** Where it is pulled from, without a secret: databases on one host fail together. */
  readonly source?: string | undefined;
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

/** What was observed about one of several databases. */
export type TargetObservations = {
  readonly target: AlertTarget;
  readonly observations: readonly Observation[];
};

// While a store does not answer, what was sent is remembered here, so that the retries of one
// process send once.
const fallbacks = new WeakMap<Notifier, Map<string, Fallback>>();

/**
 * Notifies the configured channels of what was observed about a database, or leaves that to the
 * next digest. Without channels it does nothing. Never throws.
 */
export async function announce(
  context: Context,
  target: AlertTarget,
  observations: readonly Observation[],
  run: AlertRun,
): Promise<void> {
  await announceAll(context, [{ target, observations }], { ...run, takesHeld: false });
}

/**
 * Notifies of what was observed about all databases, together with what runs left to a digest: at
 * most one message about problems and one about recoveries, unless they concern one database. Never
 * throws.
 */
export async function announceTogether(
  context: Context,
  all: readonly TargetObservations[],
  run: AlertRun,
): Promise<void> {
  await announceAll(context, all, { ...run, takesHeld: true });
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

async function announceAll(
  context: Context,
  all: readonly TargetObservations[],
  { runId, rows, takesHeld }: AlertRun & { takesHeld: boolean },
): Promise<void> {
  const { notifier, store, log, now, repeatMs, configured } = context;
  if (!notifier) return;
  const subjects = all.map((each) => subjectOf(context, notifier, each));
  const targets = new Map(all.map(({ target }) => [memoryOf(target), target]));
  const [first = { database: '', timeZone: 'UTC' }] = targets.values();
  const targetOf = (database: string): AlertTarget =>
    targets.get(database) ?? { database, timeZone: first.timeZone };
  const compose = (alerts: readonly DatabaseAlert[]): Promise<Notification> => {
    const [only] = alerts;
    return only && alerts.length === 1
      ? composeOne(context, targetOf(only.database), only.alert, rows)
      : composeDigest(context, alerts, { runId, timeZone: first.timeZone });
  };
  const others = (): AlertSubject[] =>
    configured
      .filter((database) => !targets.has(database))
      .map((database) => ({
        database,
        observations: [],
        fallback: fallbackOf(notifier, database),
      }));
  const isCollected = (database: string): boolean => configured.includes(database);
  const settings = { log, now, repeatMs, runId, takesHeld, machine: hostname() };
  const options = { store, notifier, compose, others, isCollected, ...settings };
  try {
    await deliver(options, subjects);
  } catch (error) {
    const about = all.length === 1 ? first.database : `${all.length} databases`;
    log('ERROR', `could not send alerts about ${about}: ${toLifeboatError(error).message}`, {
      event: 'notification',
      ...(all.length === 1 ? { database: first.database } : {}),
      run: runId,
      cause: error,
    });
  }
}

/** The host goes into the note, so that a later run can sum up this alert with others. */
function subjectOf(
  { store }: Context,
  notifier: Notifier,
  { target, observations }: TargetObservations,
): AlertSubject {
  const memory = memoryOf(target);
  const places = { source: target.source ?? '', store: store.url };
  return {
    database: memory,
    fallback: fallbackOf(notifier, memory),
    observations: observations.map((each) => {
      const host = each.state === 'bad' ? hostOf(each.note['code'] ?? '', places) : '';
      return host === '' ? each : { ...each, note: { ...each.note, host } };
    }),
  };
}

function memoryOf({ memory, database }: AlertTarget): string {
  return memory ?? database;
}

async function composeOne(
  context: Context,
  { database, timeZone, schedule, memory }: AlertTarget,
  alert: Alert,
  rows: readonly RestoreTestRow[] | undefined,
): Promise<Notification> {
  const nextTry = schedule && nextRun(schedule, timeZone, context.now())?.toISOString();
  const surroundings = { ...alertOrigin(context), database, timeZone, nextTry };
  if (alert.direction === 'event') {
    const databases = rows ?? (await rowsFromSummaries(context, database));
    return notificationOf(alert, { ...surroundings, databases });
  }
  const lastGood = memory === undefined ? await lastGoodBackup(context, database) : undefined;
  return notificationOf(alert, { ...surroundings, lastGood });
}

async function composeDigest(
  context: Context,
  alerts: readonly DatabaseAlert[],
  { runId, timeZone }: { runId: string; timeZone: string },
): Promise<Notification> {
  const alone = await mapConcurrent(
    databasesAlone(alerts),
    MEMORY_CONCURRENCY,
    async (database) => ({
      database,
      backup: await lastGoodBackup(context, database),
    }),
  );
  const lastGood = new Map<string, GoodBackup | null>();
  for (const { database, backup } of alone)
    if (backup !== undefined) lastGood.set(database, backup);
  return digestOf(alerts, {
    at: context.now().toISOString(),
    run: runId,
    timeZone,
    ...alertOrigin(context),
    lastGood,
  });
}

/** Instances of a function have no lasting name, so only a host says which machine it is. */
function alertOrigin({ tool, project, publicUrl, store }: Context): AlertOrigin {
  const machine = project === undefined ? hostname() : undefined;
  return { tool, project, publicUrl, machine, store: store.url };
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
