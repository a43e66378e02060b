import type { LifeboatError } from '../lib/errors.ts';
import { logLink } from '../notify/message/log-link.ts';
import {
  TROUBLES,
  type Fault,
  type GoodBackup,
  type Notification,
  type RestoreTestRow,
  type Trouble,
} from '../notify/notification.ts';
import type { Observation } from './rules.ts';
import type { Alert } from './decide.ts';

/** What is known at the moment of telling, beside what was observed. */
export type Surroundings = {
  readonly database: string;
  readonly timeZone: string;
  readonly tool: string;
  /** The Google Cloud project whose log has the run; absent on a host. */
  readonly project?: string | undefined;
  /** `null`: there is none. Absent: not known, perhaps because the store does not answer. */
  readonly lastGood?: GoodBackup | null | undefined;
  /** The databases of a restore test. */
  readonly databases?: readonly RestoreTestRow[] | undefined;
};

type Failure = Pick<LifeboatError, 'code' | 'message' | 'hint'>;

/** A failed run as an observation. The step and the code are the fault: another one of either is told at once. */
export function observedFailure(
  { code, message, hint }: Failure,
  {
    step,
    run,
    at,
    subject = 'backup',
    kind,
  }: { step: string; run: string; at: Date; subject?: string; kind?: Trouble },
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

/** A success; it ends the trouble of each subject that has one. */
export function observedSuccess(
  subjects: readonly string[],
  { run, at }: { run: string; at: Date },
): Observation[] {
  return subjects.map((subject) => ({
    subject,
    state: 'good',
    at: at.toISOString(),
    note: { run },
  }));
}

/** The notification that a telling asks for. */
export function notificationOf(telling: Alert, around: Surroundings): Notification {
  const { direction, at, since, note, trouble, flapping } = telling;
  const run = note['run'];
  const logUrl = run === undefined ? undefined : logLink(around.project, run, at);
  const common = {
    at,
    timeZone: around.timeZone,
    tool: around.tool,
    ...(run === undefined ? {} : { run }),
    ...(logUrl === undefined ? {} : { logUrl }),
  };
  if (direction === 'event') {
    const kind = telling.kind === 'restore-test-passed' ? telling.kind : 'restore-test-failed';
    return { ...common, kind, databases: around.databases ?? [] };
  }
  const ofDatabase = {
    ...common,
    database: around.database,
    ...(since === null ? {} : { since }),
    ...(around.lastGood === undefined ? {} : { lastGood: around.lastGood }),
  };
  if (direction === 'good')
    return { ...ofDatabase, kind: 'recovered', ...(trouble ? { fault: faultOf(trouble) } : {}) };
  return { ...ofDatabase, kind: troubleOf(telling), fault: faultOf(note), flapping };
}

function faultOf({
  step,
  code = 'internal',
  message = '',
  hint = '',
}: Readonly<Record<string, string>>): Fault {
  return {
    ...(step === undefined ? {} : { step }),
    code,
    message,
    hint,
  };
}

function troubleOf({ kind, reminder }: Alert): Trouble {
  const known = TROUBLES.find((each) => each === kind) ?? 'failed';
  return reminder && (known === 'failed' || known === 'guard') ? 'still-failing' : known;
}
