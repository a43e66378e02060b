import { createHash } from 'node:crypto';
import type { WatchCheck, WatchFinding } from '../documents/finding.ts';
import { COPY_FAULT, copySubject, observedLost } from '../alerts/observations.ts';
import type { Observation } from '../alerts/rules.ts';
import type { Code } from '../lib/errors.ts';
import type { RunStart } from '../documents/run.ts';

const CHECK_CODES: Readonly<Partial<Record<WatchCheck, Code>>> = {
  bucket: 'config_invalid',
  clock: 'config_invalid',
  objects: 'backup_damaged',
  place: 'config_invalid',
  salvage: 'source_unhealthy',
  space: 'insufficient_space',
};

type When = { readonly run: string; readonly at: Date };

/**
 * Turns findings into observations to alert on. Problems of the store or the deployment, and a
 * store that does not answer: one alert for the store, not one per database. A run that died counts
 * as a failed backup, and the next backup ends the problem: the watch never reports it as resolved.
 */
export function observationsOf(
  findings: readonly WatchFinding[],
  when: When,
): {
  deployment: Observation[];
  byDatabase: (name: string, lost: readonly RunStart[]) => Observation[];
} {
  const ofStore = findings.filter(
    ({ database, check }) => database === undefined || check === 'store',
  );
  const stores = bySubject(ofStore, when);
  const reachable = stores.some(({ subject }) => subject === 'watch:store')
    ? []
    : [
        {
          subject: 'watch:store',
          state: 'good' as const,
          at: when.at.toISOString(),
          note: { run: when.run },
        },
      ];
  return {
    deployment: [...stores, ...reachable],
    byDatabase: (name, lost) => [
      ...bySubject(
        findings.filter(
          ({ database, check }) => database === name && check !== 'store' && check !== 'runs',
        ),
        when,
      ),
      ...lost.map(observedLost),
    ],
  };
}

function bySubject(findings: readonly WatchFinding[], when: When): Observation[] {
  return [...Map.groupBy(findings, findingSubject)].map(([subject, group]) =>
    observed(subject, group, when),
  );
}

/**
 * The subject that the alert memory knows. Backups use the same ones, so that no problem is
 * reported twice.
 */
function findingSubject({ check, about }: WatchFinding): string {
  if (check === 'late' || check === 'missing') return 'late';
  if (check === 'space') return 'space';
  if (check === 'copies') return copySubject(about);
  return `watch:${check}`;
}

function observed(
  subject: string,
  findings: readonly WatchFinding[],
  { run, at }: When,
): Observation {
  const bad = findings.filter(({ level }) => level === 'fault');
  const [first] = bad;
  if (!first) return { subject, state: 'good', at: at.toISOString(), note: { run } };
  const note = {
    step: first.check,
    code: codeOf(first),
    message: bad
      .map(({ database, detail }) =>
        database !== undefined && subject === 'watch:store' ? `${database}: ${detail}` : detail,
      )
      .join('; '),
    hint: [...new Set(bad.map(({ hint }) => hint))].join(' '),
    run,
  };
  const fault = bounded([...new Set(bad.map(faultName))].sort().join(', '));
  return { subject, state: 'bad', kind: kindOf(first), fault, at: at.toISOString(), note };
}

/** What the finding means for the backups; the code of the error, if one caused it. */
function codeOf({ check, about, code }: WatchFinding): Code {
  if (code !== undefined) return code;
  if (check === 'restore-test' && about === 'failed') return 'restore_test_failed';
  return CHECK_CODES[check] ?? 'stale';
}

// The memory keeps the beginning only; two lists of faults that begin alike must stay different.
function bounded(fault: string): string {
  return fault.length <= 120
    ? fault
    : `${fault.slice(0, 100)}… ${createHash('sha256').update(fault).digest('hex').slice(0, 16)}`;
}

function faultName({ check, about }: WatchFinding): string {
  return check === 'copies'
    ? COPY_FAULT
    : check === 'space'
      ? 'space/insufficient_space'
      : `${check}/${about}`;
}

function kindOf({ check }: WatchFinding): string {
  return check === 'late' || check === 'missing'
    ? check
    : check === 'space'
      ? 'space-low'
      : check === 'copies'
        ? 'copy-failing'
        : 'watch-alarm';
}
