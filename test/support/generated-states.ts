import fc from 'fast-check';
import type { BackupDocument, BackupFault } from '../../core/documents/backup.ts';
import type { RunFailure, RunRecord } from '../../core/documents/run.ts';
import type { State } from '../../core/state/state.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
const HOUR = 3_600_000;

/** A time up to 60 hours from now, on both sides; some are of another form. */
const time = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -3600, max: 3600 }).map(minutesFromNow) },
  { weight: 20, arbitrary: fc.integer({ min: -3600, max: 0 }).map(minutesFromNow) },
  { weight: 1, arbitrary: fc.constantFrom('2026-11-24T09:00:00+01:00', '2026-11-24') },
);
/** Nothing is computed from these. */
const shownTime = fc.oneof({ weight: 9, arbitrary: time }, fc.constantFrom('soon', ''));
const reason = fc.constantFrom('schedule', 'manual', 'pre-deploy');
const fault = fc.option(
  fc.record<BackupFault>({
    level: fc.constantFrom('damaged', 'suspect', 'future'),
    reason: fc.constantFrom('its data is gone', 'é “quoted”\u2028'),
  }),
  { freq: 3 },
);
const backup = fc
  .record({
    takenAt: time,
    expires: shownTime,
    fault,
    reason,
    verdict: fc.constantFrom('ok' as const, 'inconclusive' as const),
    storedBytes: fc.nat(1e9),
    isOlderVersion: fc.boolean(),
  })
  .map(({ isOlderVersion, fault: each, ...fields }): BackupDocument => {
    const document = {
      id: `20261124T030000Z-${String(fields.storedBytes).padStart(8, '0').slice(0, 8)}`,
      database: 'shop',
      kind: 'full' as const,
      parent: null,
      pages: { size: 4096, count: 3, stored: 3 },
      size: 12_288,
      sha256: '0'.repeat(64),
      checks: [],
      held: false,
      salvage: false,
      ...fields,
    };
    // Summaries of older versions have no faults.
    return isOlderVersion ? (document as unknown as BackupDocument) : { ...document, fault: each };
  });
const failure = fc.record<RunFailure>(
  {
    at: shownTime,
    code: fc.constantFrom('source_busy', 'internal'),
    message: fc.string(),
    hint: fc.constant('Wait.'),
    step: fc.constant('snapshot'),
  },
  { requiredKeys: ['at', 'code', 'message', 'hint'] },
);
const run = fc
  .record({
    run: fc.uuid(),
    operation: fc.constantFrom('backup', 'restore-test'),
    reason,
    startedAt: shownTime,
    endedAt: shownTime,
    ok: fc.boolean(),
    durationMs: fc.nat(1e8),
    error: fc.option(failure),
  })
  .map(({ error, ...fields }): RunRecord => ({
    steps: {},
    ...fields,
    ...(error ? { error } : {}),
  }));

/** Summaries as they may be stored: in order and not, of older versions, with faults and odd times. */
export const generatedState: fc.Arbitrary<State> = fc
  .record({
    backups: fc.array(backup, { maxLength: 6 }),
    isSorted: fc.boolean(),
    runs: fc.array(run, { maxLength: 6 }),
    lastFailure: fc.option(failure),
    lastRestoreTest: fc.option(
      fc.record({
        at: time,
        ok: fc.boolean(),
        id: fc.constant(null),
        durationMs: fc.nat(1e6),
        problem: fc.constantFrom(null, 'it differs'),
      }),
    ),
  })
  .map(({ backups, isSorted, ...fields }): State => ({
    lifeboat: 1,
    database: 'shop',
    updatedAt: NOW.toISOString(),
    backups: isSorted
      ? backups.toSorted((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt))
      : backups,
    salvage: 0,
    ...fields,
  }));

function minutesFromNow(minutes: number): string {
  return new Date(NOW.getTime() + (minutes / 60) * HOUR).toISOString();
}
