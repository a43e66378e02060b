import { formatLasting, formatSize, formatTime } from '../../lib/text/format.ts';
import { MINUTE_MS } from '../../lib/text/time.ts';
import { fit, oneLine } from '../../lib/text/text.ts';
import { isTrouble, type GoodBackup, type Kind, type Notification } from '../notification.ts';
import type { MessageWords } from './words/words.ts';

/**
 * `isCode` values are identifiers: shown in a fixed-width face, never translated. `id` is one that
 * belongs to the value.
 */
export type MessageFact = {
  readonly label: string;
  readonly value: string;
  readonly isCode?: boolean;
  readonly id?: string | undefined;
};

type AboutDatabase = Extract<Notification, { database: string }>;
type MessageFacts = {
  readonly facts: readonly MessageFact[];
  readonly details: readonly MessageFact[];
};
type Moment = { readonly at: string; readonly timeZone: string };

// Nothing failed in these: a check found a problem.
const CHECK_KINDS: readonly Kind[] = ['space-low', 'watch-alarm', 'late', 'missing'];
// After these the schedule tries again. A schedule that did not start on time promises nothing.
const TRIED_AGAIN: readonly Kind[] = ['failed', 'still-failing', 'guard', 'copy-failing'];
// Generous for a person, and bounded: a message of SQLite or of a server may be of any length.
const LONGEST = 1500;

/**
 * What a message says about its problem, in the order in which people ask: why, what is the last
 * good backup, when is the next try, which machine and store. `details` has the rest.
 */
export function factsOfNotification(words: MessageWords, notification: Notification): MessageFacts {
  const { label } = words;
  const { at, timeZone, run } = notification;
  const when = { label: label.at, value: timeLine(words, at, timeZone) };
  const runFact = run === undefined ? [] : [codeFact(label.run, run)];
  const where = placeFacts(words, notification);
  if (!('database' in notification)) return { facts: [], details: [...where, when, ...runFact] };
  const { fault, kind, lastGood, since } = notification;
  const isProblem = fault !== undefined && isTrouble(kind);
  const sinceLabel = kind === 'recovered' ? label.failedSince : label.since;
  return {
    facts: [
      ...(isProblem ? [reasonFact(words, notification)] : []),
      ...(fault && !isProblem ? [earlierFailure(words, notification)] : []),
      ...lastGoodFact(words, lastGood, notification),
      ...nextTryFact(words, notification),
      ...where,
    ],
    details: [
      ...sinceFact(words, sinceLabel, since, notification),
      codeFact(label.database, notification.database),
      ...(isProblem ? problemDetails(words, notification) : []),
      when,
      ...runFact,
    ],
  };
}

/** The time, age and size of the last good backup; nothing when it is unknown. */
export function lastGoodFact(
  words: MessageWords,
  lastGood: GoodBackup | null | undefined,
  { at, timeZone }: Moment,
): MessageFact[] {
  if (lastGood === undefined) return [];
  const label = words.label.lastGood;
  if (lastGood === null) return [{ label, value: words.noGoodBackup }];
  const age = Date.parse(at) - Date.parse(lastGood.takenAt);
  const ago = age >= 0 ? ` (${words.ago(formatLasting(words, age))})` : '';
  const time = timeLine(words, lastGood.takenAt, timeZone);
  const value = `${time}${ago}, ${formatSize(words, lastGood.size)}`;
  return [{ label, value, id: shortLine(lastGood.id) }];
}

function nextTryFact(
  words: MessageWords,
  { kind, nextTry, at, timeZone }: AboutDatabase,
): MessageFact[] {
  if (nextTry === undefined || !TRIED_AGAIN.includes(kind)) return [];
  const waitMs = Date.parse(nextTry) - Date.parse(at);
  const distance = waitMs >= MINUTE_MS ? ` (${words.in(formatLasting(words, waitMs))})` : '';
  return [
    { label: words.label.nextTry, value: `${timeLine(words, nextTry, timeZone)}${distance}` },
  ];
}

/** The machine and the store, as far as they are known. */
function placeFacts(
  { label }: MessageWords,
  { machine, store }: Pick<Notification, 'machine' | 'store'>,
): MessageFact[] {
  return [
    ...(machine === undefined ? [] : [codeFact(label.machine, machine)]),
    ...(store === undefined ? [] : [codeFact(label.store, store)]),
  ];
}

/** When a problem began; nothing when it began just now. */
export function sinceFact(
  words: MessageWords,
  label: string,
  since: string | undefined,
  { at, timeZone }: Moment,
): MessageFact[] {
  if (since === undefined) return [];
  const lasting = Date.parse(at) - Date.parse(since);
  if (lasting >= 0 && lasting < MINUTE_MS) return [];
  const ago = lasting > 0 ? ` (${words.ago(formatLasting(words, lasting))})` : '';
  return [{ label, value: `${timeLine(words, since, timeZone)}${ago}` }];
}

export function codeFact(label: string, value: string): MessageFact {
  return { label, value: shortLine(value), isCode: true };
}

/** One line of bounded length. */
export function shortLine(text: string): string {
  return fit(oneLine(text), LONGEST);
}

// Unparsable times are shown unchanged.
function timeLine(words: MessageWords, iso: string, zone: string): string {
  return shortLine(formatTime(words, iso, zone));
}

function reasonFact(words: MessageWords, { fault, kind, database }: AboutDatabase): MessageFact {
  const reason = fault && words.explain?.(fault, { kind, database }).reason;
  return { label: words.label.why, value: shortLine(reason ?? fault?.message ?? '') };
}

function earlierFailure(
  words: MessageWords,
  { fault, kind, database }: AboutDatabase,
): MessageFact {
  const { step, code = '', message = '' } = fault ?? {};
  const reason = fault && words.explain?.(fault, { kind, database }).reason;
  const text = reason ?? `${step === undefined ? '' : `${step}: `}${message}`;
  return {
    label: words.label.failedBefore,
    value: shortLine(`${text.replace(/\.$/, '')} (${code})`),
  };
}

function problemDetails(words: MessageWords, { fault, kind }: AboutDatabase): MessageFact[] {
  const { label, explain } = words;
  if (!fault) return [];
  const stepLabel = CHECK_KINDS.includes(kind) ? label.check : label.step;
  return [
    ...(fault.step === undefined ? [] : [codeFact(stepLabel, fault.step)]),
    codeFact(label.code, fault.code),
    ...(explain ? [codeFact(label.original, fault.message)] : []),
  ];
}
