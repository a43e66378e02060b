import { createCatalog, type Copy } from '../catalog/catalog.ts';
import { withSignal } from '../store/with-signal.ts';
import type { Context } from '../context.ts';

/** The same context, whose stores are waited for until the signal, and no longer. */
export function until(context: Context, signal: AbortSignal | undefined): Context {
  if (!signal) return context;
  const bound = ({ store, catalog: { known } }: Copy): Copy => {
    const stopped = withSignal(store, signal);
    return { store: stopped, catalog: createCatalog(stopped, context.keys, context.now, known) };
  };
  return { ...context, ...bound(context), copies: context.copies.map(bound) };
}
