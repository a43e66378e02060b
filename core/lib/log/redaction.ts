// Hides known secrets in texts that leave the process: errors, logs, stored records and messages.
// Libraries quote their input in errors, so a text may contain a secret that no code of ours put
// there. Knows no names of secrets; imports errors only.
import { isObject } from '../text/json.ts';
import { LifeboatError, toLifeboatError } from '../errors.ts';

export type Hide = (text: string) => string;

export type Redaction = {
  /** The text with `***` for each word with 8 consecutive characters of a known secret, in any case. */
  readonly hide: Hide;
  /** Adds parts of secrets; see `secretParts`. */
  readonly learn: (parts: Iterable<string>) => void;
};

/** A text with this many consecutive characters of a secret contains a fragment of it. */
const FRAGMENT = 8;
/** As many lower-case letters may be a word, such as `password`; more are a fragment, too. */
const WORD_FRAGMENT = 12;
/** Shorter parts would hide ordinary words. */
const SHORTEST = 6;
/**
 * The fields whose text people read. Only these are changed in documents: names, ids and digests
 * must stay what they are.
 */
const PROSE: ReadonlySet<string> = new Set([
  'about',
  'detail',
  'error',
  'hint',
  'message',
  'problem',
  'problems',
  'warning',
]);

/** What hides nothing until it has learned something. */
export function createRedaction(parts: Iterable<string> = []): Redaction {
  const pieces = new Set<string>();
  const lengths = new Set<number>();
  const add = (piece: string): void => {
    pieces.add(lowerCase(piece));
    lengths.add(piece.length);
  };
  const learn = (more: Iterable<string>): void => {
    for (const part of more) {
      if (part.length >= SHORTEST && part.length < WORD_FRAGMENT) add(part);
      for (const fragment of fragmentsOf(part)) add(fragment);
    }
  };
  learn(parts);
  return { learn, hide: (text) => hideIn(text, pieces, lengths) };
}

/**
 * The value with every text that people read hidden, at any depth. The same value when nothing was
 * to be hidden.
 */
export function hideInTexts<T>(value: T, hide: Hide): T {
  return hideBelow(value, false, hide) as T;
}

/** The error with hidden texts. A foreign error that needs it becomes a LifeboatError. */
export function hideInError(error: unknown, hide: Hide): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const isOurs = error instanceof LifeboatError;
  if (hide(text) === text && (!isOurs || hide(error.hint) === error.hint)) return error;
  const { code, message, hint, facts, transient, retryAfterMs } = toLifeboatError(error);
  const options = { cause: error, facts, transient, retryAfterMs };
  return new LifeboatError(code, hide(message), hide(hint), options);
}

function* fragmentsOf(part: string): Generator<string> {
  for (let at = 0; at + FRAGMENT <= part.length; at += 1) {
    const fragment = part.slice(at, at + FRAGMENT);
    if (!/^[a-z]+$/.test(fragment)) yield fragment;
    else if (at + WORD_FRAGMENT <= part.length) yield part.slice(at, at + WORD_FRAGMENT);
  }
}

/**
 * A fragment is hidden with the word around it: in a mistyped secret, too few characters may stand
 * on one side of the mistake to be recognized.
 */
function hideIn(text: string, pieces: ReadonlySet<string>, lengths: ReadonlySet<number>): string {
  if (pieces.size === 0) return text;
  const lower = lowerCase(text);
  let clean = '';
  let copied = 0;
  for (let at = 0; at + SHORTEST <= lower.length; at += 1) {
    const length = lengthAt(lower, at, pieces, lengths);
    if (length === 0) continue;
    const start = at <= copied ? copied : wordEdge(text, at, -1, copied);
    // Fragments that touch have one mark.
    clean += start === copied && copied > 0 ? '' : `${text.slice(copied, start)}***`;
    copied = wordEdge(text, at + length, 1, text.length);
    // The next fragment may begin inside of this one.
    at = Math.max(at, copied - WORD_FRAGMENT);
  }
  return clean + text.slice(copied);
}

/** Where the word at this place begins (`by` -1) or ends (1), not beyond `limit`. */
function wordEdge(text: string, from: number, by: 1 | -1, limit: number): number {
  let edge = from;
  while (edge !== limit && /[\w-]/.test(text.charAt(by < 0 ? edge - 1 : edge))) edge += by;
  return edge;
}

/** How many characters at this place belong to a secret. */
function lengthAt(
  text: string,
  at: number,
  pieces: ReadonlySet<string>,
  lengths: ReadonlySet<number>,
): number {
  let longest = 0;
  for (const length of lengths)
    if (length > longest && pieces.has(text.slice(at, at + length))) longest = length;
  return longest;
}

/** Copies only what changes: a status document has millions of values, and none to hide. */
function hideBelow(value: unknown, isProse: boolean, hide: Hide): unknown {
  if (typeof value === 'string') return isProse ? hide(value) : value;
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (const [at, each] of value.entries()) {
      const clean = hideBelow(each, isProse, hide);
      if (clean !== each) (items ??= [...value])[at] = clean;
    }
    return items ?? value;
  }
  if (!isObject(value)) return value;
  let fields: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const clean = hideBelow(value[name], PROSE.has(name), hide);
    if (clean !== value[name]) (fields ??= { ...value })[name] = clean;
  }
  return fields ?? value;
}

/** Of the same length, which Unicode's lower case is not. */
function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
