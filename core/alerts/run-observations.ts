import { LifeboatError } from '../lib/errors.ts';
import { freeMib } from '../lib/size.ts';
import { observedFailure, observedSuccess } from './observations.ts';
import { lostFailure } from '../state/records.ts';
import type { CopyDocument } from '../documents/backup.ts';
import type { Room } from '../space/room.ts';
import type { Observation } from './rules.ts';
import type { RunStart } from '../documents/run.ts';

type When = { readonly run: string; readonly at: Date };
/** One for every reason: the watch sees only that something is missing, and must not tell the same trouble again. */
export const COPY_FAULT = 'copy/failing';

/** A run that died, as the trouble of what it should have made; the next success ends it. */
export function observedLost(lost: RunStart): Observation {
  return observedFailure(lostFailure(lost), {
    step: 'run',
    run: lost.run,
    at: new Date(lost.startedAt),
    ...(lost.operation === 'backup'
      ? {}
      : { subject: `run:${lost.operation}`, kind: 'watch-alarm' as const }),
  });
}

/** What the folder of the store has left, as a failure when that is less than the reserve. */
export function shortOf(url: string, room: Room | undefined): LifeboatError | undefined {
  return room && room.free < room.reserve
    ? new LifeboatError(
        'insufficient_space',
        `${freeMib(room.free)} are free in ${url}, and the reserve is ${freeMib(room.reserve)}`,
        'Free some space there or give the store more room; space.reserve says when this is told.',
      )
    : undefined;
}

export function observedSpace(
  url: string,
  room: Room | undefined,
  { run, at }: When,
): Observation[] {
  if (!room) return [];
  const short = shortOf(url, room);
  return short
    ? [observedFailure(short, { step: 'space', run, at, subject: 'space', kind: 'space-low' })]
    : observedSuccess(['space'], { run, at });
}

export function copySubject(url: string): string {
  return `copy:${url}`.slice(0, 200);
}

/** A copy that failed is trouble of its own: the backup is fine. */
export function observedCopies(copies: readonly CopyDocument[], { run, at }: When): Observation[] {
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
