import type { CopyDocument } from '../documents/backup.ts';
import type { RunStart } from '../documents/run.ts';
import { LifeboatError } from '../lib/errors.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';
import type { Trouble } from '../notify/notification.ts';
import type { Room } from '../space/room.ts';
import { lostFailure } from '../state/lost-runs.ts';
import type { Observation } from './rules.ts';

type Failure = Pick<LifeboatError, 'code' | 'message' | 'hint'>;
/** The run that an observation is about. */
export type RunMoment = { readonly run: string; readonly at: Date };
type FailedStep = RunMoment & {
  readonly step: string;
  /** `backup` when absent. */
  readonly subject?: string | undefined;
  readonly kind?: Trouble | undefined;
};

/**
 * One fault for every reason: the watch sees only that a copy is missing, and must not report the
 * same problem again.
 */
export const COPY_FAULT = 'copy/failing';

/**
 * A failed run as an observation. The step and the code are the fault; a change of either is
 * reported at once.
 */
export function observedFailure(
  { code, message, hint }: Failure,
  { step, run, at, subject = 'backup', kind }: FailedStep,
): Observation {
  return {
    subject,
    state: 'bad',
    kind: kind ?? (code === 'source_suspicious' ? 'guard' : 'failed'),
    fault: `${step}/${code}`,
    at: at.toISOString(),
    note: { step, code, message, hint, run },
  };
}

/** A success. It resolves the problem of each subject that has one. */
export function observedSuccess(
  subjects: readonly string[],
  { run, at }: RunMoment,
): Observation[] {
  return subjects.map((subject) => ({
    subject,
    state: 'good',
    at: at.toISOString(),
    note: { run },
  }));
}

/** A run that crashed, as a problem of its operation; the next success resolves it. */
export function observedLost(lost: RunStart): Observation {
  return observedFailure(lostFailure(lost), {
    step: 'run',
    run: lost.run,
    at: new Date(lost.startedAt),
    ...(lost.operation === 'backup'
      ? {}
      : { subject: `run:${lost.operation}`, kind: 'watch-alarm' }),
  });
}

/** The free space of the store's folder, as a failure when it is below the reserve. */
export function shortOf(url: string, room: Room | undefined): LifeboatError | undefined {
  return room && room.free < room.reserve
    ? new LifeboatError(
        'insufficient_space',
        `${formatSize(ENGLISH, room.free)} free in ${url}, less than the reserve of ${formatSize(ENGLISH, room.reserve)}`,
        `Free some space in ${url}, or change \`space.reserve\` in lifeboat.yaml.`,
      )
    : undefined;
}

export function observedSpace(
  url: string,
  room: Room | undefined,
  { run, at }: RunMoment,
): Observation[] {
  if (!room) return [];
  const shortage = shortOf(url, room);
  return shortage
    ? [observedFailure(shortage, { step: 'space', run, at, subject: 'space', kind: 'space-low' })]
    : observedSuccess(['space'], { run, at });
}

export function copySubject(url: string): string {
  return `copy:${url}`.slice(0, 200);
}

/** A failed hook `after` is a problem of its own, whether or not the backup was made. */
export function observedHook(
  failure: LifeboatError | undefined,
  { run, at }: RunMoment,
): Observation[] {
  const step = { step: 'after', run, at, subject: 'hook', kind: 'hook-failing' } as const;
  return failure ? [observedFailure(failure, step)] : observedSuccess(['hook'], { run, at });
}

/** A copy that failed is a problem of its own: the backup succeeded. */
export function observedCopies(
  copies: readonly CopyDocument[],
  { run, at }: RunMoment,
): Observation[] {
  return copies.flatMap(({ url, ok, error }): Observation[] => {
    const subject = copySubject(url);
    if (ok || !error) return observedSuccess([subject], { run, at });
    const { message, hint, code } = error;
    return [
      {
        subject,
        state: 'bad',
        kind: 'copy-failing',
        fault: COPY_FAULT,
        at: at.toISOString(),
        note: { step: 'copy', code, message, hint, run },
      },
    ];
  });
}
