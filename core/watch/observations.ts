import { createHash } from 'node:crypto';
import type { WatchVerdict } from './verdicts.ts';
import { COPY_FAULT, copySubject, observedLost } from '../alerts/observations.ts';
import type { Observation } from '../alerts/rules.ts';
import type { RunStart } from '../documents/run.ts';

type When = { readonly run: string; readonly at: Date };

/**
 * Verdicts as what is told of the store, and of each database. A store that does not answer says the same of every database, so it is told of the
 * store. A run that died is trouble of the backup, which the next one ends: the watch does not say that it is over.
 */
export function observationsOf(
  verdicts: readonly WatchVerdict[],
  when: When,
): {
  deployment: Observation[];
  byDatabase: (name: string, lost: readonly RunStart[]) => Observation[];
} {
  const ofStore = verdicts.filter(({ database, check }) => database === null || check === 'store');
  const stores = bySubject(ofStore, when);
  const seen = stores.some(({ subject }) => subject === 'watch:store')
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
    deployment: [...stores, ...seen],
    byDatabase: (name, lost) => [
      ...bySubject(
        verdicts.filter(
          ({ database, check }) => database === name && check !== 'store' && check !== 'runs',
        ),
        when,
      ),
      ...lost.map(observedLost),
    ],
  };
}

function bySubject(verdicts: readonly WatchVerdict[], when: When): Observation[] {
  return [...Map.groupBy(verdicts, subjectOf)].map(([subject, group]) =>
    observed(subject, group, when),
  );
}

/** What a verdict is about, where the memory of what was told is concerned. Backups speak of the same subjects, so that both together tell once. */
function subjectOf({ check, about }: WatchVerdict): string {
  if (check === 'late' || check === 'missing') return 'late';
  if (check === 'space') return 'space';
  if (check === 'copies') return copySubject(about);
  return `watch:${check}`;
}

function observed(
  subject: string,
  verdicts: readonly WatchVerdict[],
  { run, at }: When,
): Observation {
  const bad = verdicts.filter(({ result }) => result === 'alarm');
  const [first] = bad;
  if (!first) return { subject, state: 'good', at: at.toISOString(), note: { run } };
  const note = {
    step: first.check,
    code: first.check === 'space' ? 'insufficient_space' : 'stale',
    message: bad
      .map(({ database, detail }) =>
        database !== null && subject === 'watch:store' ? `${database}: ${detail}` : detail,
      )
      .join('; '),
    hint: [...new Set(bad.map(({ hint }) => hint))].join(' '),
    run,
  };
  const fault = bounded([...new Set(bad.map(faultOf))].sort().join(', '));
  return { subject, state: 'bad', kind: kindOf(first), fault, at: at.toISOString(), note };
}

// The memory keeps the beginning only; two lists of faults that begin alike must not be taken for one.
function bounded(fault: string): string {
  return fault.length <= 120
    ? fault
    : `${fault.slice(0, 100)}… ${createHash('sha256').update(fault).digest('hex').slice(0, 16)}`;
}

function faultOf({ check, about }: WatchVerdict): string {
  return check === 'copies'
    ? COPY_FAULT
    : check === 'space'
      ? 'space/insufficient_space'
      : `${check}/${about}`;
}

function kindOf({ check }: WatchVerdict): string {
  return check === 'late' || check === 'missing'
    ? check
    : check === 'space'
      ? 'space-low'
      : check === 'copies'
        ? 'copy-failing'
        : 'watch-alarm';
}
