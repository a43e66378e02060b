import type { Call, Fault, FaultFor } from './types.ts';

/** A fault for the N-th matching request (from 1), or for every request from there on. */
export type Planned = {
  readonly fault: Fault;
  readonly kind?: Call['kind'] | readonly Call['kind'][];
  /** A part of the object's name. */
  readonly name?: string;
  readonly at?: number;
  /** How many requests in a row; `Infinity` or `null` means all. */
  readonly times?: number | null;
};

export function plan(planned: readonly Planned[]): FaultFor {
  const seen = planned.map(() => 0);
  return (call) => {
    let found: Fault | undefined;
    for (const [index, { fault, kind, name = '', at = 1, times = 1 }] of planned.entries()) {
      if (kind !== undefined && !(typeof kind === 'string' ? [kind] : kind).includes(call.kind))
        continue;
      if (!call.name.includes(name)) continue;
      const nth = (seen[index] = (seen[index] ?? 0) + 1);
      if (nth >= at && nth < at + (times ?? Infinity)) found ??= fault;
    }
    return found;
  };
}
