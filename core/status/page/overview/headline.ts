import { formatList } from '../../../lib/text/format.ts';
import type { DatabaseStatus, StatusDocument } from '../../../documents/status.ts';
import type { PageView } from '../parts/view.ts';
import { WORST_FIRST } from './filter.ts';

const MOST_NAMED = 4;

type DatabaseList = Pick<StatusDocument, 'databases'>;

/**
 * The overall state in one sentence: names when few databases have a problem, numbers when many
 * have.
 */
export function headline({ words }: PageView, { databases }: DatabaseList): string {
  if (databases.length === 0) return words.overview.empty;
  const problems = databases.filter(({ condition }) => condition !== 'good');
  if (problems.length === 0)
    return words.overview.allBackedUp(databases[0]?.name ?? '', databases.length);
  return problems.length <= MOST_NAMED
    ? `${namedProblems(words, problems).join('; ')}.`
    : `${countedProblems(words, problems, databases.length).join(', ')}.`;
}

/** The databases without a problem, and how the restore tests went. */
export function lead({ words }: PageView, { databases }: DatabaseList): string {
  if (databases.length === 0) return words.overview.emptyHint;
  const good = databases.filter(({ condition }) => condition === 'good').map(({ name }) => name);
  return [
    ...(good.length === 0 || good.length === databases.length ? [] : [othersFine(words, good)]),
    restoreTests(words, databases),
  ].join(' ');
}

function namedProblems(words: PageView['words'], problems: readonly DatabaseStatus[]): string[] {
  return WORST_FIRST.flatMap((condition) => {
    const databases = problems.filter((database) => database.condition === condition);
    if (condition !== 'failing')
      return databases.length === 0 ? [] : [named(words, condition, databases)];
    // A database is failing also while its backups succeed and only its restore test failed.
    const [backups, tests] = [
      databases.filter((database) => !onlyRestoreTestFailed(database)),
      databases.filter(onlyRestoreTestFailed),
    ];
    return [
      ...(backups.length === 0 ? [] : [words.backupsFailing(namesOf(words, backups))]),
      ...(tests.length === 0 ? [] : [named(words, 'restoreTestFailed', tests)]),
    ];
  });
}

function countedProblems(
  words: PageView['words'],
  problems: readonly DatabaseStatus[],
  total: number,
): string[] {
  return WORST_FIRST.map(
    (condition) =>
      [condition, problems.filter((each) => each.condition === condition).length] as const,
  )
    .filter(([, count]) => count > 0)
    .map(([condition, count], n) => {
      const subject = n === 0 ? words.overview.part(count, total) : String(count);
      return `${subject} ${words.state[condition](count)}`;
    });
}

function onlyRestoreTestFailed({ reasons }: DatabaseStatus): boolean {
  return reasons.includes('restore-test-failed') && !reasons.includes('backup-failed');
}

function named(
  words: PageView['words'],
  state: keyof PageView['words']['state'],
  databases: readonly DatabaseStatus[],
): string {
  return `${namesOf(words, databases)} ${words.state[state](databases.length)}`;
}

function namesOf(words: PageView['words'], databases: readonly DatabaseStatus[]): string {
  return formatList(
    words,
    databases.map(({ name }) => name),
  );
}

function othersFine(words: PageView['words'], names: readonly string[]): string {
  return names.length <= MOST_NAMED
    ? `${formatList(words, names)} ${words.state.good(names.length)}.`
    : words.overview.othersFine(names.length);
}

function restoreTests(words: PageView['words'], databases: readonly DatabaseStatus[]): string {
  if (databases.every(({ lastRestoreTest }) => lastRestoreTest === null))
    return words.overview.untested;
  const passes = databases.filter(({ lastRestoreTest }) => lastRestoreTest?.ok === true).length;
  return words.overview.tested(passes, databases.length);
}
