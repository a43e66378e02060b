import type { KINDS } from '../documents/backup.ts';
import { createHash } from 'node:crypto';
import { collect } from '../lib/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Progress } from '../lib/progress.ts';
import { compactTime, DAY_MS } from '../lib/time.ts';

export type BackupRequest = {
  readonly kind: (typeof KINDS)[number];
  readonly reason: string;
  /** The same key and time, twice or at once, give one backup. */
  readonly key: string;
  readonly requestedAt: Date;
  /** Lets through, once, what the guard refuses. */
  readonly accept?: boolean;
  /** Migrations that must be applied, besides those of the configuration. */
  readonly expectMigrations?: readonly string[];
  /** How long the run may take, ms; it ends itself before somebody else ends it. */
  readonly deadlineMs?: number;
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
};

/** `20261123T030000Z-1a2b3c4d`: the time of the request and 8 hex digits of its key. */
export function backupId(requestedAt: Date, key: string): string {
  return `${compactTime(requestedAt)}-${digest(key).slice(0, 8)}`;
}

/**
 * The time of the first request with this key. A caller that retries after a cut connection cannot
 * say when it asked first, so the first one leaves a note. Throws `usage` when the key was used for
 * something else.
 */
export async function claimRequest(
  store: Store,
  database: string,
  key: string,
  asked: object,
  at: Date,
): Promise<Date> {
  const name = `runs/${database}/requests/${digest(key).slice(0, 32)}.json`;
  const note = { at: at.toISOString(), asked: digest(JSON.stringify(asked)) };
  const created = await store.create(name, Buffer.from(`${JSON.stringify(note)}\n`), {
    expires: new Date(at.getTime() + 90 * DAY_MS),
  });
  if (created) return at;
  const first = JSON.parse((await collect(store.read(name))).toString('utf8')) as typeof note;
  if (first.asked !== note.asked)
    throw new LifeboatError(
      'usage',
      'the idempotency key was used for another request',
      'Use a new key for each deploy.',
    );
  return new Date(first.at);
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
