import { CONDITIONS, type Condition, type DatabaseStatus } from '../../../documents/status.ts';

export const WORST_FIRST: readonly Condition[] = CONDITIONS.toReversed();

/** Those whose name holds the text, whatever the case. */
export function filtered(databases: readonly DatabaseStatus[], filter: string): DatabaseStatus[] {
  const wanted = filter.trim().toLowerCase();
  return databases.filter(({ name }) => name.toLowerCase().includes(wanted));
}
