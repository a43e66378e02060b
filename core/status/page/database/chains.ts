import type { HistoryEntry } from '../../../documents/status.ts';

/**
 * A full backup and the incrementals based on it. `base` is undefined when it is older than the
 * list.
 */
export type Chain = {
  readonly base: HistoryEntry | undefined;
  readonly incrementals: readonly HistoryEntry[];
};

/** The chains of a list of backups, both newest first. */
export function chainsOf(history: readonly HistoryEntry[]): Chain[] {
  const byId = new Map(history.map((entry) => [entry.id, entry]));
  const baseOf = (entry: HistoryEntry): HistoryEntry | undefined => {
    const visited = new Set<string>();
    let at: HistoryEntry | undefined = entry;
    while (at && at.parent !== null) {
      // A circle of parents cannot be restored, and must not hang the page.
      if (visited.has(at.id)) return undefined;
      visited.add(at.id);
      at = byId.get(at.parent);
    }
    return at;
  };
  const chains = new Map<
    string | undefined,
    { base: HistoryEntry | undefined; incrementals: HistoryEntry[] }
  >();
  for (const entry of history) {
    const base = baseOf(entry);
    const chain = chains.get(base?.id) ?? { base, incrementals: [] };
    chains.set(base?.id, chain);
    if (entry !== base) chain.incrementals.push(entry);
  }
  return [...chains.values()];
}
