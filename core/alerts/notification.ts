import { logLink } from '../notify/message/log-link.ts';
import {
  isTrouble,
  type GoodBackup,
  type Notification,
  type ReportedProblem,
  type RestoreTestRow,
  type Trouble,
} from '../notify/notification.ts';
import type { Alert } from './decide.ts';

/** What a notification says beside what was observed. */
export type Surroundings = {
  readonly database: string;
  readonly timeZone: string;
  readonly tool: string;
  /** The Google Cloud project whose log has the run; absent on a host. */
  readonly project?: string | undefined;
  /** `null`: there is none. Absent: unknown, perhaps because the store does not answer. */
  readonly lastGood?: GoodBackup | null | undefined;
  /** The databases of a restore test. */
  readonly databases?: readonly RestoreTestRow[] | undefined;
};

/** The notification that reports an alert. */
export function notificationOf(alert: Alert, surroundings: Surroundings): Notification {
  const { direction, at, since, note, trouble, flapping } = alert;
  const { timeZone, tool, project, database, lastGood, databases = [] } = surroundings;
  const run = note['run'];
  const logUrl = run === undefined ? undefined : logLink(project, run, at);
  const common = { at, timeZone, tool, run, logUrl };
  if (direction === 'event') {
    const kind = alert.kind === 'restore-test-passed' ? alert.kind : 'restore-test-failed';
    return { ...common, kind, databases };
  }
  const ofDatabase = { ...common, database, since: since ?? undefined, lastGood };
  if (direction === 'good')
    return {
      ...ofDatabase,
      kind: 'recovered',
      fault: trouble ? problemInNote(trouble) : undefined,
    };
  return { ...ofDatabase, kind: troubleOf(alert), fault: problemInNote(note), flapping };
}

/** The problem in a note of the memory. */
export function problemInNote({
  step,
  code = 'internal',
  message = '',
  hint = '',
}: Readonly<Record<string, string>>): ReportedProblem {
  return { step, code, message, hint };
}

/** What kind of problem an alert reports; of a recovery, `failed`. */
export function troubleOf({ kind, reminder }: Pick<Alert, 'kind' | 'reminder'>): Trouble {
  const trouble = isTrouble(kind) ? kind : 'failed';
  return reminder && (trouble === 'failed' || trouble === 'guard') ? 'still-failing' : trouble;
}
