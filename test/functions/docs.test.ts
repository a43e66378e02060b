import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conditionOf, reasonsOf } from '../../core/status/condition.ts';
import type { Condition, Reason } from '../../core/documents/status.ts';
import { BACKUP } from '../support/app.ts';
import { serveFunctions } from '../support/functions.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'functions.md'), 'utf8');
/** The rows of the table whose first head is this, after a line that begins so. */
const rows = (after: string, head: string): string[][] => {
  const [, rest = ''] = page.split(`\n${after}`);
  const table = rest.slice(rest.indexOf(`| ${head} |`)).split('\n\n')[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
};
const names = (after: string, head: string): string[] =>
  rows(after, head).map(([name = '']) => name);

describe('the page on the functions', () => {
  test('has every field of the status, and no other', async () => {
    const { state, app } = await serveFunctions();
    await (await app()).backup('notes', BACKUP);
    const all = (await (await fetch(state)).json()) as { databases: object[] };
    const one = (await (await fetch(`${state}/databases/notes`)).json()) as object;
    const [head, database, more] = [
      names('### The document', 'field'),
      names('Each database:', 'field'),
      names('`/databases/<name>` has', 'field'),
    ];
    expect(head.toSorted()).toEqual(Object.keys(all).toSorted());
    expect(database).toEqual(Object.keys(all.databases[0] ?? {}));
    expect(
      [
        ...head.filter((name) => name !== 'databases' && name !== 'condition'),
        ...database,
        ...more,
      ].toSorted(),
    ).toEqual(Object.keys(one).toSorted());
  });

  test('has every reason with its condition, in their order', () => {
    const everything = reasonsOf({
      foreign: true,
      newest: { takenAt: '2026-11-23T03:00:00.000Z', verdict: 'inconclusive' },
      fresh: false,
      runs: [{ operation: 'backup', ok: false, endedAt: '2026-11-24T03:00:00.000Z' }],
      restoreTest: { ok: true },
      restoreTestOverdue: true,
      schedule: 'paused',
      damaged: true,
      future: true,
    });
    const told = rows('Each database:', 'reason').map(
      ([reason, condition]) => [reason as Reason, condition as Condition] as const,
    );
    expect(
      told
        .map(([reason]) => reason)
        .filter(
          (reason) => !['missing', 'restore-test-failed', 'schedule-unknown'].includes(reason),
        ),
    ).toEqual(everything);
    expect(told.map(([reason]) => conditionOf([reason]))).toEqual(
      told.map(([, condition]) => condition),
    );
  });
});
