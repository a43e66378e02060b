import { logLink } from '../notify/message/log-link.ts';
import { pageLink, restoreLink } from '../notify/message/page-link.ts';
import {
  isTrouble,
  type GoodBackup,
  type Notification,
  type ReportedProblem,
  type RestoreTestRow,
  type Trouble,
} from '../notify/notification.ts';
import type { Alert } from './decide.ts';

/** Where a notification comes from; the same for every notification of a process. */
export type AlertOrigin = {
  readonly tool: string;
  /** The Google Cloud project whose log has the run; absent on a host. */
  readonly project?: string | undefined;
  /** The host; absent on Google Cloud. */
  readonly machine?: string | undefined;
  readonly store?: string | undefined;
  /** Where people open the status page. */
  readonly publicUrl?: string | undefined;
};

/** What a notification says beside what was observed. */
export type Surroundings = AlertOrigin & {
  readonly database: string;
  readonly timeZone: string;
  /** When its schedule plans the next backup, ISO 8601. */
  readonly nextTry?: string | undefined;
  /** `null`: there is none. Absent: unknown, perhaps because the store does not answer. */
  readonly lastGood?: GoodBackup | null | undefined;
  /** The databases of a restore test. */
  readonly databases?: readonly RestoreTestRow[] | undefined;
};

/** The notification that reports an alert. */
export function notificationOf(alert: Alert, surroundings: Surroundings): Notification {
  const { direction, at, since, note, trouble, flapping } = alert;
  const { timeZone, tool, project, machine, store, publicUrl } = surroundings;
  const { database, lastGood, nextTry, databases = [] } = surroundings;
  const run = note['run'];
  const logUrl = run === undefined ? undefined : logLink(project, run, at);
  const restoreUrl = restoreLink(publicUrl);
  const common = { at, timeZone, tool, run, logUrl, machine, store, restoreUrl };
  if (direction === 'event') {
    const kind = alert.kind === 'restore-test-passed' ? alert.kind : 'restore-test-failed';
    return { ...common, pageUrl: pageLink(publicUrl), kind, databases };
  }
  // An alert about the store has no page of a database.
  const pageUrl = pageLink(publicUrl, database === store ? undefined : database);
  const ofDatabase = { ...common, pageUrl, database, since: since ?? undefined, lastGood, nextTry };
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
