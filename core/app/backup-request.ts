import type { DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import { isCode, LifeboatError } from '../lib/errors.ts';
import { backupId, claimRequest } from '../runs/request.ts';
import { scheduledRequest, slotOf } from '../schedule/slot.ts';
import { readSummary } from '../state/state.ts';
import type { BackupOptions } from './app.ts';

export type RequestIdentity = { readonly key: string; readonly requestedAt: Date };

/**
 * The key and the time from which the id of a backup is computed, equal for every attempt of the
 * same request. Throws the error of an earlier attempt that no retry can help.
 */
export async function requestIdentity(
  context: Context,
  { name, schedule, timeZone }: DatabaseConfig,
  options: BackupOptions,
): Promise<RequestIdentity> {
  const { key = context.random(16).toString('hex'), requestedAt = context.now() } = options;
  const { kind, reason, accept, expectMigrations } = options;
  const request = { kind, reason, accept, expectMigrations };
  const first = options.claim
    ? await claimRequest(context.store, { database: name, key, request, at: requestedAt })
    : requestedAt;
  const slot =
    options.scheduled && schedule !== undefined ? slotOf(schedule, timeZone, first) : undefined;
  const identity = slot ? scheduledRequest(name, slot) : { key, requestedAt: first };
  if (options.retried) await refuseRepeat(context, name, identity);
  return identity;
}

async function refuseRepeat(
  context: Context,
  name: string,
  { key, requestedAt }: RequestIdentity,
): Promise<void> {
  const id = backupId(requestedAt, key);
  const runs = (await readSummary(context, name))?.runs ?? [];
  const failure = runs.findLast(({ run }) => run.startsWith(`${id}-`))?.error;
  if (!failure || !isCode(failure.code)) return;
  const error = new LifeboatError(failure.code, failure.message, failure.hint);
  if (!error.retry) throw error;
}
