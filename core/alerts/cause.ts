import type { Code } from '../lib/errors.ts';
import type { Alert } from './decide.ts';
import type { Note } from './memory.ts';

/** Where a database comes from and goes to: a folder, or an address without a secret. */
export type Places = { readonly source: string; readonly store: string };

const OF_STORE: readonly string[] = [
  'store_unreachable',
  'store_denied',
  'insufficient_space',
  'backup_damaged',
  'backup_forged',
] satisfies Code[];

/**
 * The host, or the bucket, on which a problem with this code lies; empty for a folder of this
 * machine.
 */
export function hostOf(code: string, { source, store }: Places): string {
  const place = OF_STORE.includes(code) ? store : source;
  return URL.parse(place)?.hostname ?? '';
}

/**
 * What several databases have in common that fail, or work again, together. Files have no host:
 * there the cause lies on this machine.
 */
export function causeOf(
  alert: Pick<Alert, 'direction' | 'note' | 'trouble'>,
  machine = '',
): string {
  const { code = 'internal', host = machine } = problemNote(alert);
  return `${alert.direction}:${code}@${host}`.slice(0, 200);
}

/** The note of the problem that an alert is about, also for a recovery. */
export function problemNote({
  direction,
  note,
  trouble,
}: Pick<Alert, 'direction' | 'note' | 'trouble'>): Note {
  return direction === 'good' ? (trouble ?? note) : note;
}
