/**
 * What comes in from a topic or in a request to `backup-now`, and what goes out to a topic. Anything
 * that is too large, unknown or not allowed is refused with `usage`. Imports `documents`, `config`
 * and `lib` only.
 */
import { z } from 'zod';
import { LifeboatError } from '../lib/errors.ts';
import { BODY_EXAMPLE, MAX_BYTES } from './limits.ts';
import type { Publisher, Topic } from './publisher.ts';
import { REASONS } from '../config/values.ts';
import { KINDS } from '../documents/backup.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';

/** How far the time of a parent may be from the publication of its messages, ms. */
const PARENT_TIME_MS = 86_400_000;
const name = z.string().min(1).max(63);
const migrations = z.array(z.string().min(1).max(200)).max(50).default([]);
const message = z.strictObject({
  database: name,
  reason: z.enum(REASONS).default('schedule'),
  kind: z.enum(KINDS).default('auto'),
});
const order = message.extend({
  reason: z.enum(REASONS).default('pre-deploy'),
  accept: z.boolean().default(false),
  expectMigrations: migrations,
});

export type TopicMessage = z.infer<typeof message>;
/** A message for every database, and where it came from. */
export type ParentMessage = { readonly message: TopicMessage; readonly origin: RequestOrigin };
export type BackupOrder = z.infer<typeof order>;

/**
 * Where a request came from: its key, and the moment of the first attempt. A fanned-out message
 * carries those of its parent.
 */
export type RequestOrigin = { readonly id: string; readonly at: Date };

/** The data of a Pub/Sub message. Throws `usage`. */
export function readMessage(data: Uint8Array | undefined): TopicMessage {
  return parseBody(message, data, 'the message');
}

/** The body of a request to backup-now. Throws `usage`. */
export function readOrder(body: Uint8Array | undefined): BackupOrder {
  return parseBody(order, body, 'the request');
}

/**
 * Refuses what a caller may pass only when the configuration allows it: `accept` disables the guard
 * once, and a backup for `schedule` or `manual` may be kept for years. Throws `usage`.
 */
export function requireAllowed(
  { reason, accept }: Pick<BackupOrder, 'reason' | 'accept'>,
  allowed: { readonly accept: boolean; readonly reasons: readonly string[] },
): void {
  if (accept && !allowed.accept)
    throw new LifeboatError(
      'usage',
      'the configuration does not allow requests to set accept',
      'Set `backupNow.accept: true` in lifeboat.yaml, or run `lifeboat backup --accept` yourself.',
    );
  if (!allowed.reasons.includes(reason))
    throw new LifeboatError(
      'usage',
      `the configuration does not allow requests with the reason ${reason}`,
      `Use one of ${allowed.reasons.join(', ')}, or add ${reason} to backupNow.reasons in lifeboat.yaml.`,
    );
}

/**
 * The parent's id and time that a fanned-out message carries, or the message's own. A time that is
 * more than a day from the publication of the message is forged: it would become the time of a
 * backup.
 */
export function originOf(
  own: RequestOrigin,
  attributes: Readonly<Record<string, string>> | undefined,
): RequestOrigin {
  const [id, at] = [attributes?.['parent'], Date.parse(attributes?.['parentTime'] ?? '')];
  return id !== undefined && Math.abs(at - own.at.getTime()) <= PARENT_TIME_MS
    ? { id, at: new Date(at) }
    : own;
}

/**
 * One message per database. Delivered twice, its children have the same keys again, so nothing is
 * backed up twice.
 */
export async function fanOut(
  publisher: Publisher,
  topic: Topic,
  databases: readonly string[],
  { message: { reason, kind }, origin }: ParentMessage,
): Promise<void> {
  const attributes = { parent: origin.id, parentTime: origin.at.toISOString() };
  const results = await Promise.allSettled(
    databases.map((database) =>
      publisher.publish(topic, Buffer.from(JSON.stringify({ database, reason, kind })), attributes),
    ),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function parseBody<T>(schema: z.ZodType<T>, bytes: Uint8Array | undefined, what: string): T {
  if (!bytes || bytes.length === 0)
    throw new LifeboatError('usage', `${what} is empty`, BODY_EXAMPLE);
  if (bytes.length > MAX_BYTES)
    throw new LifeboatError(
      'usage',
      `${what} is too large (${formatSize(ENGLISH, bytes.length)}; the limit is ${formatSize(ENGLISH, MAX_BYTES)})`,
      BODY_EXAMPLE,
    );
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LifeboatError('usage', `${what} is not JSON`, BODY_EXAMPLE, { cause });
  }
  const outcome = schema.safeParse(json);
  if (outcome.success) return outcome.data;
  const faults = outcome.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || what}: ${issue.message}`);
  throw new LifeboatError('usage', `${what} is not valid: ${faults.join('; ')}`, BODY_EXAMPLE);
}
