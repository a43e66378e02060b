import type { DatabaseConfig } from '../config/types.ts';
import { shorten } from '../sqlite/judge/findings.ts';
import type { Check, Inspection } from '../sqlite/types.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';

/** What the guard compares: the inspection of a snapshot and its size in bytes. */
export type Seen = {
  readonly size: number;
  readonly inspection: Pick<Inspection, 'tables' | 'schema' | 'migrations'>;
};

/**
 * What a snapshot lost since the last verified backup. `failed` checks must not become the newest
 * backup unless somebody accepts them; a changed schema without a migration, and a table that a
 * migration dropped, are warnings. Nothing to compare with, or a database too small to judge: no
 * checks.
 */
export function guardChecks(
  before: Seen | undefined,
  now: Seen,
  guard: DatabaseConfig['guard'],
): Check[] {
  if (!before) return [];
  const ignored = new Set(guard.ignore);
  const [had, has] = [
    without(before.inspection.tables, ignored),
    without(now.inspection.tables, ignored),
  ];
  // A judge that could not read the database has counted nothing; that is another check's finding.
  const counted = now.inspection.schema !== null && before.inspection.schema !== null;
  const migrated = headsOf(before) !== headsOf(now);
  const checks: Check[] = [];
  const add = (result: 'failed' | 'warning', detail: string): void =>
    void checks.push({ name: 'guard', result, detail });
  if (counted && guard.tables)
    for (const [name, rows] of Object.entries(had))
      if (!Object.hasOwn(has, name) && rows > 0)
        add(
          migrated ? 'warning' : 'failed',
          `the table ${shorten(name)} is gone (it had ${rows} rows)`,
        );
  if (counted && guard.shrink !== false) {
    for (const [name, rows] of Object.entries(had)) {
      const remaining = has[name];
      if (remaining !== undefined && shrunk(rows, remaining, guard.minimumRows, guard.shrink))
        add(
          'failed',
          `the table ${shorten(name)} lost ${percent(remaining, rows)} of its rows (${rows} before, ${remaining} now)`,
        );
    }
    const [all, remaining] = [sum(had), sum(has)];
    if (checks.length === 0 && shrunk(all, remaining, guard.minimumRows, guard.shrink))
      add(
        'failed',
        `${percent(remaining, all)} of all rows are gone (${all} before, ${remaining} now)`,
      );
  }
  if (guard.shrink !== false && shrunk(before.size, now.size, guard.minimumSize, guard.shrink))
    add(
      'failed',
      `the file lost ${percent(now.size, before.size)} of its size (${formatSize(ENGLISH, before.size)} before, ${formatSize(ENGLISH, now.size)} now)`,
    );
  if (
    counted &&
    before.inspection.schema !== now.inspection.schema &&
    !migrated &&
    now.inspection.migrations.length > 0
  )
    checks.push({
      name: 'schema',
      result: 'warning',
      detail: 'the schema changed, and no migration was applied',
    });
  return checks;
}

function without(
  tables: Readonly<Record<string, number>>,
  ignored: ReadonlySet<string>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => !ignored.has(name)));
}

function headsOf({ inspection }: Seen): string {
  return JSON.stringify(inspection.migrations.map(({ framework, head }) => [framework, head]));
}

function shrunk(before: number, now: number, least: number, share: number): boolean {
  return before >= least && before > 0 && now <= before * (1 - share);
}

function percent(part: number, whole: number): string {
  return `${Math.round((1 - part / whole) * 100)} %`;
}

function sum(tables: Readonly<Record<string, number>>): number {
  return Object.values(tables).reduce((all, rows) => all + rows, 0);
}
