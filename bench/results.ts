export const OPERATIONS = ['full', 'increment', 'restore', 'verify'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Seconds and bytes. `stored`: new bytes in the repository, where the operation adds any. */
export type Measured = {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
  readonly stored?: number;
};
export type Result = Measured & { readonly operation: Operation; readonly program: string };

/** The one in the middle; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[middle],
  ];
  return (low + high) / 2;
}

/**
 * One result for each operation and program, in the order of their first appearance: medians, but
 * of memory the most that was ever seen.
 */
export function summarise(results: readonly Result[]): Result[] {
  const groups = Map.groupBy(results, ({ operation, program }) => `${operation}\n${program}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const stored = group.flatMap((each) => each.stored ?? []);
    return {
      operation: first.operation,
      program: first.program,
      wall: median(group.map(({ wall }) => wall)),
      cpu: median(group.map(({ cpu }) => cpu)),
      memory: Math.max(...group.map(({ memory }) => memory)),
      ...(stored.length > 0 ? { stored: median(stored) } : {}),
    };
  });
}

export function find(
  results: readonly Result[],
  operation: Operation,
  program: string,
): Result | undefined {
  return results.find((each) => each.operation === operation && each.program === program);
}
