import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Body = { [key: string]: Json };
/** A block with its labels: `resource "google_pubsub_topic" "this"` has two. */
export type Block = {
  readonly file: string;
  readonly kind: string;
  readonly labels: readonly string[];
  readonly body: Body;
};
export type Sources = Readonly<Record<string, string>>;

const LABELS: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  variable: 1,
  output: 1,
  provider: 1,
  module: 1,
  locals: 0,
  moved: 0,
  terraform: 0,
};

const isBody = (value: Json | undefined): value is Body =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const blocksIn = (
  file: string,
  kind: string,
  value: Json | undefined,
  labels: readonly string[] = [],
): Block[] => {
  if (labels.length < (LABELS[kind] ?? 0)) {
    if (!isBody(value)) throw new Error(`${file}: ${kind} without its labels`);
    return Object.entries(value).flatMap(([label, inner]) =>
      blocksIn(file, kind, inner, [...labels, label]),
    );
  }
  return (Array.isArray(value) ? value : [value]).map((body) => {
    if (!isBody(body)) throw new Error(`${file}: ${kind} is no block`);
    return { file, kind, labels, body };
  });
};

// Not imported statically: its types would add the browser's types to the whole project, whose ReadableStream differs from Node's.
const require = createRequire(import.meta.url);
const { parse } = require('@cdktn/hcl2json') as {
  parse: (file: string, text: string) => Promise<unknown>;
};

// The WebAssembly parser is slow, and tests read the same files many times.
const parsed = new Map<string, Promise<Body>>();
const parseOnce = (file: string, text: string): Promise<Body> => {
  const key = `${file}\n${text}`;
  const known = parsed.get(key) ?? (parse(file, text) as Promise<Body>);
  parsed.set(key, known);
  return known;
};

/** Every block of every file. */
export const readBlocks = async (sources: Sources): Promise<Block[]> => {
  const blocks: Block[] = [];
  for (const [file, text] of Object.entries(sources)) {
    for (const [kind, value] of Object.entries(await parseOnce(file, text))) {
      if (!(kind in LABELS))
        throw new Error(`${file}: a block ${kind}, which the test does not know`);
      blocks.push(...blocksIn(file, kind, value));
    }
  }
  return blocks;
};

export const readSources = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.tf'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

/** Every string inside, with the path to it. */
export const stringsIn = (value: Json, path = ''): { path: string; text: string }[] => {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each, at) => stringsIn(each, `${path}[${at}]`));
  if (isBody(value))
    return Object.entries(value).flatMap(([key, each]) => [
      ...(key.includes('${') ? [{ path: `${path}.${key}`, text: key }] : []),
      ...stringsIn(each, path === '' ? key : `${path}.${key}`),
    ]);
  return [];
};
