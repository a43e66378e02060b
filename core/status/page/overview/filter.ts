import { CONDITIONS, type Condition, type DatabaseStatus } from '../../../documents/status.ts';

export const WORST_FIRST: readonly Condition[] = CONDITIONS.toReversed();

/** The databases whose name contains the text, in upper or lower case. */
export function filtered(databases: readonly DatabaseStatus[], filter: string): DatabaseStatus[] {
  const text = filter.trim().toLowerCase();
  return databases.filter(({ name }) => name.toLowerCase().includes(text));
}
