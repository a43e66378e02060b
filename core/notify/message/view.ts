import { fit, oneLine } from '../../lib/text/text.ts';
import { formatDate } from '../../lib/text/format.ts';
import { isTrouble, type Notification } from '../notification.ts';
import { alarmOf } from './alarm.ts';
import { hookedBackup } from './hook.ts';
import { factsOfNotification, shortLine, type MessageFact } from './facts.ts';
import { groupTitle, sectionsOf, type MessageSection } from './sections.ts';
import { restoreTestTable, type MessageTable } from './table.ts';
import type { MessageWords } from './words/words.ts';

export type MessageTone = 'bad' | 'warn' | 'good' | 'info';

export type MessageLink = { readonly label: string; readonly url: string };

/**
 * A notification in one language, as plain lines that each channel renders in its own way, in this
 * order: the headline, what to do, why, and then the rest.
 */
export type MessageView = {
  readonly tone: MessageTone;
  readonly toneName: string;
  readonly title: string;
  readonly subject: string;
  readonly lead: string;
  readonly advice: readonly string[];
  readonly facts: readonly MessageFact[];
  /** The causes of a digest. `moreSections` counts those that were left out. */
  readonly sections: readonly MessageSection[];
  readonly moreSections: number;
  readonly table: MessageTable | undefined;
  /** What only a search in the log needs. */
  readonly details: readonly MessageFact[];
  /** Web addresses, the most useful first. */
  readonly links: readonly MessageLink[];
  readonly footer: string;
};

type ProblemNotification = Extract<Notification, { fault?: unknown; database: string }>;
type DigestNotification = Extract<Notification, { groups: unknown }>;

const WARNINGS: readonly string[] = [
  'copy-failing',
  'hook-failing',
  'space-low',
  'late',
  'watch-alarm',
];
const GOOD: readonly string[] = ['recovered', 'digest-recovered', 'restore-test-passed'];
const URGENT_CODES: readonly string[] = ['backup_damaged', 'backup_forged', 'restore_test_failed'];
// What a backup repairs, or proves repaired.
const BACKED_UP_NEXT: readonly string[] = [
  'failed',
  'still-failing',
  'late',
  'missing',
  'copy-failing',
];
const NOT_STARTED: readonly string[] = ['late', 'missing'];
const SOURCE_LOST: readonly string[] = ['source_invalid', 'source_empty'];
const MOST_CODES = 3;
// A mail with more causes is read by nobody, and Gmail hides what is beyond 102 KB.
const MOST_SECTIONS = 12;
const MOST_TESTS_IN_ADVICE = 3;

export function viewOfNotification(notification: Notification, words: MessageWords): MessageView {
  const tone = toneOfNotification(notification);
  const title = titleOf(words, notification);
  const { facts, details } = factsOfNotification(words, notification);
  const groups = 'groups' in notification ? notification.groups : [];
  const rows = 'databases' in notification ? notification.databases : undefined;
  const count = rows ? words.tested(rows.filter(({ ok }) => ok).length, rows.length) : '';
  return {
    tone,
    toneName: words.tone[tone],
    title,
    subject: `[Lifeboat] ${title}${codesOf(notification)}${count ? `: ${count.replace(/\.$/, '')}` : ''}`,
    lead: [leadOf(words, notification), count].filter(Boolean).join(' '),
    advice: adviceOf(words, notification),
    facts,
    sections: sectionsOf(words, groups.slice(0, MOST_SECTIONS), notification),
    moreSections: Math.max(0, groups.length - MOST_SECTIONS),
    table: rows && restoreTestTable(words, rows, notification.timeZone),
    details,
    links: [
      ...linkOf(words.label.openPage, notification.pageUrl),
      ...linkOf(words.label.howToRestore, notification.restoreUrl),
      ...linkOf(words.label.openLog, notification.logUrl),
    ],
    footer: words.sentBy(shortLine(notification.tool)),
  };
}

function titleOf(words: MessageWords, notification: Notification): string {
  const { kind } = notification;
  if ('groups' in notification) return words.title[kind](words.several(databasesIn(notification)));
  if (!('database' in notification)) return words.title[kind]('');
  return groupTitle(words, notification, fit(oneLine(notification.database), 100));
}

function databasesIn({ groups }: DigestNotification): number {
  return new Set(groups.flatMap(({ databases }) => databases)).size;
}

/** The codes after the headline, so that a mail can be filtered by them. */
function codesOf(notification: Notification): string {
  const codes =
    notification.kind === 'digest'
      ? notification.groups.map(({ fault }) => fault.code)
      : isTrouble(notification.kind) && 'fault' in notification && notification.fault
        ? [notification.fault.code]
        : [];
  const all = [...new Set(codes)].map((code) => fit(oneLine(code), 60));
  if (all.length === 0) return '';
  return ` (${all.slice(0, MOST_CODES).join(', ')}${all.length > MOST_CODES ? ', …' : ''})`;
}

function leadOf(words: MessageWords, notification: Notification): string {
  const { kind, timeZone } = notification;
  if (!('database' in notification)) return words.lead[kind];
  const { since, fault } = notification;
  if (kind === 'recovered')
    return since === undefined
      ? words.lead[kind]
      : words.resolved(shortLine(formatDate(words, since, timeZone)));
  const alarm = fault && alarmOf(kind, fault);
  const lead = alarm
    ? words.alarm[alarm].lead
    : kind === 'failed' && fault
      ? words.failedLead(fault.code)
      : kind === 'hook-failing' && fault
        ? words.hookLead[hookedBackup(fault)]
        : words.lead[kind];
  return 'flapping' in notification && notification.flapping ? `${lead} ${words.flapping}` : lead;
}

function adviceOf(words: MessageWords, notification: Notification): string[] {
  const { kind } = notification;
  if (kind === 'restore-test-failed') {
    const names = notification.databases.filter(({ ok }) => !ok).map(({ database }) => database);
    return names.length === 0
      ? []
      : words.verifyFailed(names.sort().slice(0, MOST_TESTS_IN_ADVICE)).map(shortLine);
  }
  if (!('fault' in notification) || !notification.fault || !isTrouble(kind)) return [];
  const database = fit(oneLine(notification.database), 100);
  const { fault, lastGood } = notification;
  const hint = words.explain?.(fault, { kind, database }).advice ?? fault.hint;
  const further = words.advice[kind]?.({ database, backup: lastGood?.id });
  // The hint of the guard names the two choices; the advice has them as commands.
  if (kind === 'guard') return [shortLine(further ?? hint)];
  return [hint, ...commandsFor(words, notification, hint)].filter(Boolean).map(shortLine);
}

/** The commands that follow a hint, unless it has them already. */
function commandsFor(
  words: MessageWords,
  { kind, database, fault, lastGood, machine }: ProblemNotification,
  hint: string,
): string[] {
  const name = fit(oneLine(database), 100);
  const [backup, restore] = [`lifeboat backup ${name}`, `lifeboat restore ${name}`];
  const isSourceLost = SOURCE_LOST.includes(fault?.code ?? '');
  const commands: string[] = [];
  if (machine !== undefined && NOT_STARTED.includes(kind)) commands.push(words.checkSchedule);
  if (isSourceLost && lastGood && !hint.includes(restore))
    commands.push(
      words.goBack(`\`${restore} --at ${shortLine(lastGood.id)} --to ${name}.restored.sqlite3\``),
    );
  if (BACKED_UP_NEXT.includes(kind) && !hint.includes(backup))
    commands.push(words.backUpNow(`\`${backup}\``));
  return commands;
}

function toneOfNotification(notification: Notification): MessageTone {
  const { kind } = notification;
  if (kind === 'sample') return 'info';
  if (GOOD.includes(kind)) return 'good';
  if ('groups' in notification)
    return notification.groups.every(({ kind: each, fault }) => isWarning(each, fault.code))
      ? 'warn'
      : 'bad';
  const code = 'fault' in notification ? notification.fault?.code : undefined;
  return isWarning(kind, code ?? '') ? 'warn' : 'bad';
}

function isWarning(kind: string, code: string): boolean {
  return WARNINGS.includes(kind) && !URGENT_CODES.includes(code);
}

/** Only web addresses become links; a `javascript:` one never does. */
function linkOf(label: string, url: string | undefined): MessageLink[] {
  return url !== undefined && /^https?:\/\/[^\s<>"|\\^`{}]+$/i.test(url) ? [{ label, url }] : [];
}
