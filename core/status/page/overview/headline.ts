import { formatList } from '../../../lib/format.ts';
import type { StatusDocument } from '../../../documents/status.ts';
import type { View } from '../parts/view.ts';
import { WORST_FIRST } from './filter.ts';

const MOST_NAMED = 4;

/** The overall state in one sentence: names when they are few, numbers when they are many. */
export function headline(
  { words }: View,
  { databases }: Pick<StatusDocument, 'databases'>,
): string {
  if (databases.length === 0) return words.overview.nothing;
  const off = databases.filter(({ condition }) => condition !== 'good');
  if (off.length === 0) return words.overview.good(databases[0]?.name ?? '', databases.length);
  const parts = WORST_FIRST.flatMap((condition) => {
    const names = off.filter((each) => each.condition === condition).map(({ name }) => name);
    if (names.length === 0) return [];
    return [
      words.are[condition](
        off.length <= MOST_NAMED ? formatList(words, names) : words.databases(names.length),
        names.length,
      ),
    ];
  });
  return `${formatList(words, parts)}.`;
}

/** What else is to be said: the others, and whether it restores. */
export function lead({ words }: View, { databases }: Pick<StatusDocument, 'databases'>): string {
  const { nothingHint, rest, tested, testedAll, untested } = words.overview;
  if (databases.length === 0) return nothingHint;
  const good = databases.filter(({ condition }) => condition === 'good').length;
  const passed = databases.filter(({ lastRestoreTest }) => lastRestoreTest?.ok === true).length;
  const some = databases.some(({ lastRestoreTest }) => lastRestoreTest !== null);
  const proof = !some
    ? untested
    : passed === databases.length
      ? testedAll(passed)
      : tested(passed, databases.length);
  return `${good > 0 && good < databases.length ? `${rest(good)} ` : ''}${proof}`;
}
