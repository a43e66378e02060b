import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { statusDetail, statusTable } from '../../cli/status-table.ts';
import { parseConfig } from '../../core/config/load.ts';
import { databaseDetail } from '../../core/status/database.ts';
import type { State } from '../../core/state/state.ts';
import { hostStatus, nightly } from '../support/summaries.ts';

const AT = '2026-11-24T12:00:00.000Z';
const NIGHT = new Date('2026-11-24T03:00:00Z');
const config = parseConfig(
  `databases: {${['good', 'late', 'new', 'failing'].map((name) => `${name}: { source: ${name}.db, schedule: "0 3 * * *" }`).join(', ')}}`,
  '/',
);
const broken = (name: string): State => {
  const state = nightly(name, new Date('2026-11-23T03:00:00Z'));
  const error = {
    at: NIGHT.toISOString(),
    code: 'source_busy',
    message: 'the database is locked',
    hint: 'Try again at night.',
    step: 'snapshot',
  };
  const run = {
    run: 'x',
    operation: 'backup',
    reason: 'schedule',
    startedAt: error.at,
    endedAt: error.at,
    ok: false,
    durationMs: 1,
    steps: {},
    error,
  };
  return { ...state, runs: [...state.runs, run], lastFailure: error };
};
const STATES: Record<string, State | undefined> = {
  good: nightly('good', NIGHT),
  late: nightly('late', new Date('2026-11-20T03:00:00Z')),
  new: undefined,
  failing: broken('failing'),
};
const subject = (name: string) =>
  [{ name, state: STATES[name], job: 'no-deployment' }, config, new Date(AT)] as const;
const document = (...names: string[]) => ({
  version: 1 as const,
  at: AT,
  condition: 'failing' as const,
  databases: names.map((name) => hostStatus(name, STATES[name], config, new Date(AT))),
});

describe('the status table', () => {
  test('lists the worst database first, with readable ages', () => {
    expect(statusTable(document('good', 'late', 'new', 'failing'), false)).toBe(
      [
        'DATABASE  CONDITION  LAST BACKUP  SIZE     VERDICT  BACKUPS  STORED    RESTORE TEST   NEXT     LAST FAILURE         WHY',
        'failing   failing    33 h ago     100 MiB  ok       37       42.5 MiB  ok 33 h ago    in 15 h  source_busy 9 h ago  backup-failed, late',
        'new       missing    never                          0        0 B       never          in 15 h                       missing',
        'late      late       4 days ago   100 MiB  ok       37       42.5 MiB  ok 4 days ago  in 15 h                       late',
        'good      good       9 h ago      100 MiB  ok       37       42.5 MiB  ok 9 h ago     in 15 h',
        '',
      ].join('\n'),
    );
  });

  test('colours the condition on a terminal, and is the same otherwise', () => {
    const plain = statusTable(document('good', 'failing'), false);
    const coloured = statusTable(document('good', 'failing'), true);
    expect(coloured).toContain('failing   \u001B[31mfailing\u001B[39m    33 h');
    expect(coloured).toContain('good      \u001B[32mgood\u001B[39m       9 h');
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test('of one database shows its failure with the hint, and its latest backups', () => {
    const text = statusDetail(
      { version: 1, at: AT, ...databaseDetail(...subject('failing')) },
      'America/Sao_Paulo',
      false,
    );
    expect(text).toMatch(
      /^Database +failing\nCondition +failing: backup-failed, late\nLast backup +23 Nov 2026, 00:00 GMT-3 \(33 h ago\)\n/,
    );
    expect(text).toMatch(
      /Last failure +24 Nov 2026, 00:00 GMT-3 \(9 h ago\) source_busy: the database is locked\n +Try again at night\.\n\nID /,
    );
    expect(text).toContain('… and 17 older: lifeboat list failing\n');
    const none = statusDetail(
      { version: 1, at: AT, ...databaseDetail(...subject('new')) },
      'UTC',
      false,
    );
    expect(none).toMatch(/Last backup +none\n[^]*Backups +0, 0 B\n$/);
  });
});
