import type { HistoryEntry } from '../../../documents/status.ts';

/** A full backup and what hangs on it. `base` is undefined when it is older than the list. */
export type Chain = {
  readonly base: HistoryEntry | undefined;
  readonly increments: readonly HistoryEntry[];
};

/** The chains of a list of backups, and the backups in each, newest first. */
export function chainsOf(history: readonly HistoryEntry[]): Chain[] {
  const byId = new Map(history.map((entry) => [entry.id, entry]));
  const baseOf = (entry: HistoryEntry): HistoryEntry | undefined => {
    const seen = new Set<string>();
    let at: HistoryEntry | undefined = entry;
    while (at && at.parent !== null) {
      // A circle cannot be restored, and must not hold up a page.
      if (seen.has(at.id)) return undefined;
      seen.add(at.id);
      at = byId.get(at.parent);
    }
    return at;
  };
  const chains = new Map<
    string | undefined,
    { base: HistoryEntry | undefined; increments: HistoryEntry[] }
  >();
  for (const entry of history) {
    const base = baseOf(entry);
    const chain = chains.get(base?.id) ?? { base, increments: [] };
    chains.set(base?.id, chain);
    if (entry !== base) chain.increments.push(entry);
  }
  return [...chains.values()];
}
