import { CONDITIONS, type Condition, type DatabaseStatus } from '../status-types.ts';

export const WORST_FIRST: readonly Condition[] = CONDITIONS.toReversed();

/** The worst first, and by name among equals. */
export const worstFirst = (databases: readonly DatabaseStatus[]): DatabaseStatus[] =>
  [...databases].sort(
    (a, b) => WORST_FIRST.indexOf(a.condition) - WORST_FIRST.indexOf(b.condition) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );

/** Those whose name holds the text, whatever the case. */
export const filtered = (databases: readonly DatabaseStatus[], filter: string): DatabaseStatus[] => {
  const wanted = filter.trim().toLowerCase();
  return databases.filter(({ name }) => name.toLowerCase().includes(wanted));
};
