import type { Context } from '../context.ts';
import { toLifeboatError } from '../lib/errors.ts';

const WORTH_ANOTHER = new Set([
  'backup_damaged',
  'backup_forged',
  'not_found',
  'store_unreachable',
  'store_denied',
]);

/**
 * Reads from the first store, and from a copy when that one is damaged or out of reach. Throws what
 * the first store said when no copy can do better.
 */
export async function fromAnyStore<T>(
  context: Context,
  what: string,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  try {
    return await work(context);
  } catch (first) {
    if (context.copies.length === 0 || !WORTH_ANOTHER.has(toLifeboatError(first).code)) throw first;
    for (const { store, catalog } of context.copies) {
      context.log(
        'WARNING',
        `${what} from ${context.store.url} failed (${toLifeboatError(first).message}); trying the copy in ${store.url}`,
        {
          event: 'fallback',
        },
      );
      try {
        return await work({ ...context, store, catalog });
      } catch (error) {
        context.log(
          'WARNING',
          `${what} from ${store.url} failed: ${toLifeboatError(error).message}`,
          { event: 'fallback' },
        );
      }
    }
    throw first;
  }
}
