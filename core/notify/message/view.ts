import { fit, oneLine } from '../../lib/text.ts';
import { formatDate, formatLasting, formatSize, formatTime, formatTook } from '../../lib/format.ts';
import type { Words } from './words/words.ts';
import {
  isTrouble,
  type GoodBackup,
  type Kind,
  type Notification,
  type RestoreTestRow,
} from '../notification.ts';
import { MINUTE_MS } from '../../lib/time.ts';

export type Tone = 'bad' | 'warn' | 'good' | 'info';
/**
 * `code` values are identifiers: shown in a fixed-width face, never translated. `id` is one that
 * belongs to the value.
 */
export type Fact = {
  readonly label: string;
  readonly value: string;
  readonly code?: boolean;
  readonly id?: string;
};
export type Cell = {
  readonly database: string;
  readonly ok: boolean;
  readonly result: string;
  readonly detail: string;
};

/** A notification in one language, as plain lines that each channel renders in its own way. */
export type View = {
  readonly tone: Tone;
  readonly toneName: string;
  readonly title: string;
  readonly subject: string;
  readonly lead: string;
  readonly facts: readonly Fact[];
  readonly advice: readonly string[];
  /** The failed first. `left` counts those that were left out. */
  readonly table?: {
    readonly head: readonly string[];
    readonly cells: readonly Cell[];
    readonly left: number;
  };
  readonly link?: { readonly label: string; readonly url: string };
  readonly footer: string;
};

const WARNINGS: readonly Kind[] = ['copy-failing', 'space-low', 'late', 'watch-alarm'];
// Nothing failed in these: a check found a problem.
const CHECKS: readonly Kind[] = ['space-low', 'watch-alarm', 'late', 'missing'];
const GOOD: readonly Kind[] = ['recovered', 'restore-test-passed'];
// Generous for a person, and bounded: a message of SQLite or of a server may be of any length.
const LONGEST = 1500;
// Gmail hides what is beyond 102 KB; a row takes about 500 bytes.
const MOST_ROWS = 100;

export function viewOf(notification: Notification, words: Words): View {
  const { kind, timeZone } = notification;
  const tone = toneOf(kind);
  const database = 'database' in notification ? fit(oneLine(notification.database), 100) : '';
  const title = words.title[kind](database);
  const problem = isTrouble(kind) && 'fault' in notification ? notification.fault : undefined;
  const code = problem ? ` (${fit(oneLine(problem.code), 60)})` : '';
  const rows = 'databases' in notification ? notification.databases : undefined;
  const count = rows ? words.tested(rows.filter(({ ok }) => ok).length, rows.length) : '';
  const advice = words.advice[kind];
  return {
    tone,
    toneName: words.tone[tone],
    title,
    subject: `[Lifeboat] ${title}${code}${count ? `: ${count.replace(/\.$/, '')}` : ''}`,
    lead: [leadOf(words, notification), count].filter(Boolean).join(' '),
    facts: factsOf(words, notification),
    advice: [...(problem ? [line(problem.hint)] : []), ...(advice ? [advice(database)] : [])],
    ...(rows ? { table: tableOf(words, rows, timeZone) } : {}),
    ...linkOf(words, notification.logUrl),
    footer: words.sentBy(line(notification.tool)),
  };
}

function leadOf(words: Words, notification: Notification): string {
  const { kind, timeZone } = notification;
  const since = kind === 'recovered' ? notification.since : undefined;
  const lead =
    since === undefined
      ? words.lead[kind]
      : words.resolved(line(formatDate(words, since, timeZone)));
  return 'flapping' in notification && notification.flapping ? `${lead} ${words.flapping}` : lead;
}

function factsOf(words: Words, notification: Notification): Fact[] {
  const { at, timeZone, run } = notification;
  const facts =
    'database' in notification
      ? ofDatabase(words, notification)
      : [{ label: words.label.at, value: when(words, at, timeZone) }];
  return run === undefined
    ? facts
    : [...facts, { label: words.label.run, value: line(run), code: true }];
}

function toneOf(kind: Kind): Tone {
  return kind === 'sample'
    ? 'info'
    : GOOD.includes(kind)
      ? 'good'
      : WARNINGS.includes(kind)
        ? 'warn'
        : 'bad';
}

function ofDatabase(
  words: Words,
  notification: Extract<Notification, { database: string }>,
): Fact[] {
  const { label } = words;
  const { kind, fault } = notification;
  const facts: Fact[] = [{ label: label.database, value: line(notification.database), code: true }];
  if (fault && isTrouble(kind)) {
    if (fault.step !== undefined)
      facts.push({
        label: CHECKS.includes(kind) ? label.check : label.step,
        value: line(fault.step),
        code: true,
      });
    facts.push(
      { label: label.why, value: line(fault.message) },
      { label: label.code, value: line(fault.code), code: true },
    );
  } else if (fault) {
    const step = fault.step === undefined ? '' : `${fault.step}: `;
    facts.push({
      label: label.failedBefore,
      value: line(`${step}${fault.message} (${fault.code})`),
    });
  }
  facts.push(
    { label: label.at, value: when(words, notification.at, notification.timeZone) },
    ...sinceFact(words, notification),
  );
  if (notification.lastGood !== undefined)
    facts.push({
      label: label.lastGood,
      value: notification.lastGood
        ? goodBackup(words, notification.lastGood, notification.timeZone)
        : words.noGoodBackup,
      ...(notification.lastGood ? { id: line(notification.lastGood.id) } : {}),
    });
  return facts;
}

function line(text: string): string {
  return fit(oneLine(text), LONGEST);
}

// Unparsable times are shown unchanged.
function when(words: Words, iso: string, zone: string): string {
  return line(formatTime(words, iso, zone));
}

/** Empty when the problem began just now. */
function sinceFact(
  words: Words,
  { kind, since, at, timeZone }: Extract<Notification, { database: string }>,
): Fact[] {
  if (since === undefined) return [];
  const lasting = Date.parse(at) - Date.parse(since);
  if (lasting >= 0 && lasting < MINUTE_MS) return [];
  const ago = lasting > 0 ? ` (${words.ago(formatLasting(words, lasting))})` : '';
  return [
    {
      label: kind === 'recovered' ? words.label.failedSince : words.label.since,
      value: `${when(words, since, timeZone)}${ago}`,
    },
  ];
}

function goodBackup(words: Words, { takenAt, size }: GoodBackup, zone: string): string {
  return `${when(words, takenAt, zone)}, ${formatSize(words, size)}`;
}

function tableOf(
  words: Words,
  rows: readonly RestoreTestRow[],
  zone: string,
): NonNullable<View['table']> {
  const sorted = [...rows].sort(
    (a, b) => Number(a.ok) - Number(b.ok) || (a.database < b.database ? -1 : 1),
  );
  return {
    head: [words.label.database, words.label.result, words.label.backup],
    cells: sorted.slice(0, MOST_ROWS).map((row) => cellOf(words, row, zone)),
    left: Math.max(0, sorted.length - MOST_ROWS),
  };
}

function cellOf(
  words: Words,
  { database, ok, backup, durationMs, message }: RestoreTestRow,
  zone: string,
): Cell {
  const parts = [
    ...(message === undefined ? [] : [message]),
    ...(backup ? [goodBackup(words, backup, zone)] : []),
    ...(durationMs === undefined ? [] : [formatTook(words, durationMs)]),
  ];
  return {
    database: line(database),
    ok,
    result: ok ? words.label.passed : words.label.failed,
    detail: line(parts.join(' · ')),
  };
}

/** Only web addresses become links; a `javascript:` one never does. */
function linkOf(words: Words, url: string | undefined): Pick<View, 'link'> {
  return url !== undefined && /^https?:\/\/[^\s<>"|\\^`{}]+$/i.test(url)
    ? { link: { label: words.label.openLog, url } }
    : {};
}
