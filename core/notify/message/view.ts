import { fit, oneLine } from '../../lib/text.ts';
import { formatLasting, formatSize, formatTime, formatTook } from '../../lib/format.ts';
import type { Words } from './words/words.ts';
import {
  isTrouble,
  type GoodBackup,
  type Kind,
  type Notification,
  type RestoreTestRow,
} from '../notification.ts';

export type Tone = 'bad' | 'warn' | 'good' | 'info';
/** `code` values are identifiers: shown in a fixed-width face, never translated. `id` is one that belongs to the value. */
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

/** A notification in one language, of plain lines: what every channel renders in its own way. */
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
// Nothing failed there: somebody looked, and found something.
const CHECKS: readonly Kind[] = ['space-low', 'watch-alarm', 'late', 'missing'];
const GOOD: readonly Kind[] = ['recovered', 'restore-test-passed'];
// Generous for a person, and bounded: a message of SQLite or of a server may be of any length.
const LONGEST = 1500;
// Gmail hides what is beyond 102 KB; a row takes about 500 bytes.
const MOST_ROWS = 100;

export function viewOf(told: Notification, words: Words): View {
  const tone = toneOf(told.kind);
  const name = 'database' in told ? fit(oneLine(told.database), 100) : '';
  const title = words.title[told.kind](name);
  const hint = isTrouble(told.kind) && 'fault' in told && told.fault ? told.fault.hint : undefined;
  const tested = 'databases' in told ? told.databases : undefined;
  const code =
    isTrouble(told.kind) && 'fault' in told && told.fault
      ? ` (${fit(oneLine(told.fault.code), 60)})`
      : '';
  const count = tested ? words.tested(tested.filter(({ ok }) => ok).length, tested.length) : '';
  const flapping = 'flapping' in told && told.flapping ? ` ${words.flapping}` : '';
  return {
    tone,
    toneName: words.tone[tone],
    title,
    subject: `[Lifeboat] ${title}${code}${count ? `: ${count.replace(/\.$/, '')}` : ''}`,
    lead: `${words.lead[told.kind]}${flapping}${count ? ` ${count}` : ''}`,
    facts: [
      ...('database' in told
        ? ofDatabase(words, told)
        : [{ label: words.label.at, value: when(words, told.at, told.timeZone) }]),
      ...(told.run === undefined
        ? []
        : [{ label: words.label.run, value: line(told.run), code: true }]),
    ],
    advice: [...(hint === undefined ? [] : [line(hint)]), ...words.advice[told.kind]],
    ...(tested ? { table: tableOf(words, tested, told.timeZone) } : {}),
    ...linkOf(words, told.logUrl),
    footer: words.sentBy(line(told.tool)),
  };
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

function ofDatabase(words: Words, told: Extract<Notification, { database: string }>): Fact[] {
  const { label } = words;
  const { kind, fault } = told;
  const facts: Fact[] = [{ label: label.database, value: line(told.database), code: true }];
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
    { label: label.at, value: when(words, told.at, told.timeZone) },
    ...sinceFact(words, told),
  );
  if (told.lastGood !== undefined)
    facts.push({
      label: label.lastGood,
      value: told.lastGood ? goodBackup(words, told.lastGood, told.timeZone) : words.noGoodBackup,
      ...(told.lastGood ? { id: line(told.lastGood.id) } : {}),
    });
  return facts;
}

function line(text: string): string {
  return fit(oneLine(text), LONGEST);
}

// A time that is none is shown as it came.
function when(words: Words, iso: string, zone: string): string {
  return line(formatTime(words, iso, zone));
}

/** Nothing when it began just now. */
function sinceFact(
  words: Words,
  { kind, since, at, timeZone }: Extract<Notification, { database: string }>,
): Fact[] {
  if (since === undefined) return [];
  const lasting = Date.parse(at) - Date.parse(since);
  if (lasting >= 0 && lasting < 60_000) return [];
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
