import { logLink } from '../notify/message/log-link.ts';
import { pageLink, restoreLink } from '../notify/message/page-link.ts';
import { type GoodBackup, type Notification, type ProblemGroup } from '../notify/notification.ts';
import type { DatabaseAlert } from './bundles.ts';
import { problemNote } from './cause.ts';
import type { Alert } from './decide.ts';
import { problemInNote, troubleOf, type AlertOrigin } from './notification.ts';

/** What a digest says beside its alerts. */
export type DigestFrame = AlertOrigin & {
  readonly at: string;
  readonly run: string;
  readonly timeZone: string;
  /** Looked up for groups of one database. */
  readonly lastGood: ReadonlyMap<string, GoodBackup | null>;
};

// Data that may be lost comes first, then backups that are not made, then what can wait.
const ORDER: readonly ProblemGroup['kind'][] = [
  'guard',
  'failed',
  'still-failing',
  'missing',
  'late',
  'watch-alarm',
  'copy-failing',
  'hook-failing',
  'space-low',
];
const PLACEHOLDER = '<database>';

/** One message about alerts of several databases, which are all problems or all recoveries. */
export function digestOf(
  alerts: readonly DatabaseAlert[],
  { at, run, timeZone, lastGood, tool, project, machine, store, publicUrl }: DigestFrame,
): Notification {
  const kind = alerts.every(({ alert }) => isRecovery(alert)) ? 'digest-recovered' : 'digest';
  const groups = [...Map.groupBy(alerts, groupKey).values()]
    .flatMap((group) => groupOf(group, lastGood))
    .sort((a, b) => rankOf(a) - rankOf(b) || b.databases.length - a.databases.length);
  const [logUrl, pageUrl] = [logLink(project, run, at), pageLink(publicUrl)];
  const restoreUrl = restoreLink(publicUrl);
  return { kind, at, run, logUrl, pageUrl, restoreUrl, timeZone, tool, machine, store, groups };
}

/** The databases that are alone in their group, and may have a last good backup in the digest. */
export function databasesAlone(alerts: readonly DatabaseAlert[]): string[] {
  return [...Map.groupBy(alerts, groupKey).values()]
    .map(alertDatabases)
    .flatMap((names) => (names.length === 1 ? names : []));
}

function groupKey({ alert }: DatabaseAlert): string {
  const { step = '', code = '', host = '' } = problemNote(alert);
  return JSON.stringify([troubleOf(alert), step, code, host]);
}

function groupOf(
  group: readonly DatabaseAlert[],
  lastGood: DigestFrame['lastGood'],
): ProblemGroup[] {
  const [first] = group;
  if (!first) return [];
  const { alert } = first;
  const databases = alertDatabases(group);
  const [name = ''] = databases;
  const note = problemNote(alert);
  const text = (key: 'message' | 'hint'): string => sharedText(group, key);
  const since = group.flatMap((each) => each.alert.since ?? []).sort()[0];
  return [
    {
      kind: isRecovery(alert) ? 'recovered' : troubleOf(alert),
      host: note['host'] || undefined,
      fault: { ...problemInNote(note), message: text('message'), hint: text('hint') },
      since,
      databases,
      lastGood: databases.length === 1 ? lastGood.get(name) : undefined,
    },
  ];
}

/** The text with a placeholder for the name; where texts differ, that of the first database. */
function sharedText(group: readonly DatabaseAlert[], key: 'message' | 'hint'): string {
  const texts = group.map(({ alert, database }) => {
    const text = problemNote(alert)[key] ?? '';
    return { database, text, general: withoutName(text, database) };
  });
  const [first] = texts;
  if (!first) return '';
  if (alertDatabases(group).length === 1) return first.text;
  if (texts.every(({ general }) => general === first.general)) return first.general;
  return key === 'hint' ? first.general : `${first.database}: ${first.text}`;
}

// Only whole words: a database may be called `a`.
function withoutName(text: string, database: string): string {
  return text.replaceAll(/[\w-]+/g, (word) => (word === database ? PLACEHOLDER : word));
}

function isRecovery({ direction }: Alert): boolean {
  return direction === 'good';
}

function alertDatabases(group: readonly DatabaseAlert[]): string[] {
  return [...new Set(group.map(({ database }) => database))].sort();
}

function rankOf({ kind, fault }: ProblemGroup): number {
  return fault.code === 'backup_damaged' || fault.code === 'backup_forged'
    ? -1
    : ORDER.indexOf(kind);
}
