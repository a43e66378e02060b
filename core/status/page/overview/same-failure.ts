import type { RunFailure } from '../../../documents/run.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { currentFailure } from '../parts/failure.ts';

/** Databases that fail for one reason. */
export type SameFailure = {
  /** Of the first of them, with `<database>` for its name. */
  readonly failure: RunFailure;
  readonly databases: readonly DatabaseStatus[];
};
export type OverviewEntry = DatabaseStatus | SameFailure;

const LEAST = 3;

/**
 * Three and more databases whose last failure is the same but for their own name become one entry,
 * in the place of the first.
 */
export function groupedByFailure(databases: readonly DatabaseStatus[]): OverviewEntry[] {
  const byCause = Map.groupBy(databases, failureKey);
  return databases.flatMap((database): OverviewEntry[] => {
    const cause = failureKey(database);
    const group = byCause.get(cause) ?? [];
    const failure = currentFailure(database);
    if (cause === '' || !failure || group.length < LEAST) return [database];
    return group[0] === database ? [{ failure: general(database, failure), databases: group }] : [];
  });
}

function failureKey(database: DatabaseStatus): string {
  const failure = currentFailure(database);
  if (!failure) return '';
  const { code, step = '', message } = general(database, failure);
  return JSON.stringify([database.condition, code, step, message]);
}

// Only whole words: a database may be called `a`.
function general({ name }: DatabaseStatus, failure: RunFailure): RunFailure {
  const withoutName = (text: string): string =>
    text.replaceAll(/[\w-]+/g, (word) => (word === name ? '<database>' : word));
  return { ...failure, message: withoutName(failure.message), hint: withoutName(failure.hint) };
}
