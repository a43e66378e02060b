import type { KINDS } from '../documents/backup.ts';
import { createHash } from 'node:crypto';
import { collect } from '../lib/bytes/bytes.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Progress } from '../lib/progress.ts';
import { compactTime, DAY_MS } from '../lib/text/time.ts';

export type BackupRequest = {
  readonly kind: (typeof KINDS)[number];
  readonly reason: string;
  /** The same key and time give one backup, even twice or at once. */
  readonly key: string;
  readonly requestedAt: Date;
  /** Accepts, this once, a database that the guard would refuse. */
  readonly accept?: boolean;
  /** Migrations that must be applied, in addition to those of the configuration. */
  readonly expectMigrations?: readonly string[];
  /** After this time, ms, the run ends itself, before its platform does. */
  readonly deadlineMs?: number | undefined;
  readonly onProgress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type RequestClaim = {
  readonly database: string;
  /** The idempotency key of the caller. */
  readonly key: string;
  /** What the caller asks for; a repeated key must ask for the same. */
  readonly request: object;
  readonly at: Date;
};

/** What is stored of the first request with a key: its time, and a digest of what it asked for. */
type FirstRequest = { readonly at: Date; readonly asked: unknown };

const CLAIM_DAYS = 90;
// A time and a digest, in 110 bytes.
const MOST_CLAIM_BYTES = 4096;

/** `20261123T030000Z-1a2b3c4d`: the time of the request and 8 hex digits of its key. */
export function backupId(requestedAt: Date, key: string): string {
  return `${compactTime(requestedAt)}-${keyDigest(key).slice(0, 8)}`;
}

/**
 * The time of the first request with this idempotency key. A caller that retries after a cut
 * connection does not know when its first request came in, so that one is recorded. Throws `usage`
 * when the key was used for another request.
 */
export async function claimRequest(
  store: Store,
  { database, key, request, at }: RequestClaim,
): Promise<Date> {
  const name = `runs/${database}/requests/${keyDigest(key).slice(0, 32)}.json`;
  const claim = { at: at.toISOString(), asked: keyDigest(JSON.stringify(request)) };
  const created = await store.create(name, Buffer.from(`${JSON.stringify(claim)}\n`), {
    expires: new Date(at.getTime() + CLAIM_DAYS * DAY_MS),
  });
  if (created) return at;
  const first = await readClaim(store, name);
  if (first.asked !== claim.asked)
    throw new LifeboatError(
      'usage',
      'this idempotency key was already used for another request',
      'Use a new idempotency key for each deploy.',
    );
  return first.at;
}

async function readClaim(store: Store, name: string): Promise<FirstRequest> {
  const bytes = await collect(store.read(name), { bytes: MOST_CLAIM_BYTES, subject: name });
  const claim = parseClaim(bytes.toString('utf8'));
  if (claim) return claim;
  throw new LifeboatError(
    'backup_damaged',
    `the record of the first request with this idempotency key is damaged: ${name}`,
    'Use a new idempotency key.',
  );
}

function parseClaim(text: string): FirstRequest | undefined {
  try {
    const { at, asked } = JSON.parse(text) as Record<string, unknown>;
    const moment = new Date(typeof at === 'string' ? at : Number.NaN);
    return Number.isNaN(moment.getTime()) ? undefined : { at: moment, asked };
  } catch {
    return undefined;
  }
}

function keyDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
