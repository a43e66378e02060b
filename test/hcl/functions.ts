import { createHash } from 'node:crypto';
import { parse as parseYaml } from 'yaml';
import { Reference, textOf as text, type Value } from './values.ts';

const list = (value: Value | undefined): readonly Value[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`${JSON.stringify(value)} is no list`);
};
const map = (value: Value | undefined): Readonly<Record<string, Value>> => {
  if (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Reference)
  )
    return value as Record<string, Value>;
  throw new Error(`${JSON.stringify(value)} is no map`);
};
// RE2 and JavaScript agree on the syntax that the configuration uses.
const match = (pattern: string, subject: string): Value => {
  const found = new RegExp(pattern).exec(subject);
  if (!found) throw new Error(`${subject} does not match ${pattern}`);
  return found.length > 1 ? found.slice(1) : found[0];
};
const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);
const distinct = (values: readonly Value[]): Value[] =>
  values.filter((value, at) => values.findIndex((other) => same(other, value)) === at);
/** Terraform writes the keys of an object in order. */
const sortKeys = (_: string, value: Value): Value =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  !(value instanceof Reference)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
/** Terraform sorts sets by their text. */
export const toSet = (values: readonly Value[]): Value[] =>
  distinct(values).sort((a, b) => (text(a) < text(b) ? -1 : 1));
const flatten = (values: readonly Value[]): Value[] =>
  values.flatMap((value) => (Array.isArray(value) ? flatten(value) : [value]));
const product = (lists: readonly (readonly Value[])[]): Value[][] =>
  lists.reduce<Value[][]>(
    (rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
const replace = (subject: string, search: string, by: string): string =>
  search.length > 1 && search.startsWith('/') && search.endsWith('/')
    ? subject.replaceAll(new RegExp(search.slice(1, -1), 'g'), by)
    : subject.replaceAll(search, by);
const trim = (subject: string, chars: string): string => {
  let [from, to] = [0, subject.length];
  while (from < to && chars.includes(subject[from] ?? '')) from += 1;
  while (to > from && chars.includes(subject[to - 1] ?? '')) to -= 1;
  return subject.slice(from, to);
};

export type Files = (path: string) => string;

/** The Terraform functions that the configuration uses. An unknown one fails the test instead of being guessed. */
export const functionsOver = (
  read: Files,
): Readonly<Record<string, (...args: Value[]) => Value>> => ({
  anytrue: (values) => list(values).includes(true),
  alltrue: (values) => list(values).every((value) => value === true),
  base64encode: (value) => Buffer.from(text(value)).toString('base64'),
  ceil: (value) => Math.ceil(Number(text(value))),
  chunklist: (values, size) =>
    Array.from({ length: Math.ceil(list(values).length / Number(text(size))) }, (_, at) =>
      list(values).slice(at * Number(text(size)), (at + 1) * Number(text(size))),
    ),
  coalesce: (...values) => {
    const found = values.find((value) => value !== null && value !== '');
    if (found === undefined) throw new Error('coalesce found nothing');
    return found;
  },
  concat: (...lists) => lists.flatMap((each) => list(each)),
  contains: (values, value) => list(values).some((each) => same(each, value ?? null)),
  dirname: (path) => text(path).replace(/\/[^/]*$/, ''),
  distinct: (values) => distinct(list(values)),
  file: (path) => read(text(path)),
  filesha256: (path) =>
    createHash('sha256')
      .update(read(text(path)))
      .digest('hex'),
  flatten: (values) => flatten(list(values)),
  floor: (value) => Math.floor(Number(text(value))),
  join: (separator, values) => list(values).map(text).join(text(separator)),
  jsonencode: (value) => JSON.stringify(value, sortKeys),
  keys: (value) => Object.keys(map(value)).sort(),
  length: (value) =>
    typeof value === 'string'
      ? value.length
      : Array.isArray(value)
        ? value.length
        : Object.keys(map(value)).length,
  lookup: (values, key, fallback) => map(values)[text(key)] ?? fallback ?? null,
  lower: (value) => text(value).toLowerCase(),
  max: (...values) => Math.max(...values.map(Number)),
  merge: (...maps) => Object.assign({}, ...maps.map(map)) as Value,
  min: (...values) => Math.min(...values.map(Number)),
  one: (values) => list(values)[0] ?? null,
  regex: (pattern, subject) => match(text(pattern), text(subject)),
  replace: (subject, search, by) => replace(text(subject), text(search), text(by)),
  setproduct: (...lists) => product(lists.map(list)),
  setsubtract: (values, without) =>
    toSet(list(values).filter((value) => !list(without).some((other) => same(other, value)))),
  setunion: (...lists) => toSet(lists.flatMap((each) => list(each))),
  sha256: (value) => createHash('sha256').update(text(value)).digest('hex'),
  slice: (values, from, to) => list(values).slice(Number(text(from)), Number(text(to))),
  sort: (values) => list(values).map(text).sort(),
  split: (separator, value) => text(value).split(text(separator)),
  startswith: (value, start) => text(value).startsWith(text(start)),
  substr: (value, from, length) =>
    text(value).slice(Number(text(from)), Number(text(from)) + Number(text(length))),
  sum: (values) => list(values).reduce<number>((total, each) => total + Number(text(each)), 0),
  tonumber: (value) => {
    if (value === null || value === undefined) return null;
    const number = Number(text(value));
    if (Number.isNaN(number)) throw new Error(`${text(value)} is no number`);
    return number;
  },
  toset: (values) => toSet(Array.isArray(values) ? values : Object.values(map(values))),
  tostring: (value) => text(value),
  trim: (subject, chars) => trim(text(subject), text(chars)),
  trimprefix: (subject, start) =>
    text(subject).startsWith(text(start)) ? text(subject).slice(text(start).length) : text(subject),
  values: (value) =>
    Object.entries(map(value))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, each]) => each),
  yamldecode: (value) => parseYaml(text(value)) as Value,
});
