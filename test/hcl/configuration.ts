import { evaluate, type Scope } from './evaluate.ts';
import { parseTemplate } from './expression.ts';
import type { Files } from './functions.ts';
import type { Block, Body, Json } from './read.ts';
import { Reference, textOf, type Value } from './values.ts';

/** One instance of a resource. `key` is undefined without `count` and `for_each`. */
export type Instance = {
  readonly type: string;
  readonly name: string;
  readonly key: string | undefined;
  readonly body: { readonly [key: string]: Value };
};

const META = new Set([
  'for_each',
  'count',
  'depends_on',
  'lifecycle',
  'timeouts',
  'dynamic',
  'provider',
]);
const asBody = (value: Json | undefined): Body =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

/** The configuration with its variables set: what Terraform would plan, as far as it can be known without Google. */
export class Configuration {
  readonly #blocks: readonly Block[];
  readonly #variables: Readonly<Record<string, Value>>;
  readonly #files: Files;
  readonly #locals = new Map<string, Value>();

  constructor(blocks: readonly Block[], variables: Readonly<Record<string, Value>>, files: Files) {
    this.#blocks = blocks;
    this.#variables = variables;
    this.#files = files;
  }

  local(name: string): Value {
    const known = this.#locals.get(name);
    if (known !== undefined) return known;
    const block = this.#blocks.find(({ kind, body }) => kind === 'locals' && name in body);
    if (!block) throw new Error(`there is no local.${name}`);
    const value = this.#value(block.body[name] ?? null);
    this.#locals.set(name, value);
    return value;
  }

  localNames(): string[] {
    return this.#blocks
      .filter(({ kind }) => kind === 'locals')
      .flatMap(({ body }) => Object.keys(body));
  }

  output(name: string): Value {
    const block = this.#blocks.find(({ kind, labels }) => kind === 'output' && labels[0] === name);
    if (!block) throw new Error(`there is no output ${name}`);
    return this.#value(block.body['value'] ?? null);
  }

  /** Every instance of every resource of this type. */
  instances(type: string): Instance[] {
    return this.#blocks
      .filter(({ kind, labels }) => kind === 'resource' && labels[0] === type)
      .flatMap((block) => this.#expand(block));
  }

  /** The messages of all preconditions that fail. */
  refusals(): string[] {
    return this.#blocks.flatMap(({ kind, body }) => {
      const lifecycle = asBody(
        kind === 'resource' && Array.isArray(body['lifecycle']) ? body['lifecycle'][0] : undefined,
      );
      const conditions = (lifecycle['precondition'] ?? []) as Body[];
      return this.#keys(body).flatMap(([, names]) =>
        conditions.flatMap(({ condition = null, error_message: message = null }) =>
          this.#value(condition, names) === true ? [] : [textOf(this.#value(message, names))],
        ),
      );
    });
  }

  types(): string[] {
    return [
      ...new Set(
        this.#blocks.filter(({ kind }) => kind === 'resource').map(({ labels }) => labels[0] ?? ''),
      ),
    ].sort();
  }

  #expand({ labels: [type = '', name = ''], body }: Block): Instance[] {
    return this.#keys(body).map(([key, names]) => ({
      type,
      name,
      key,
      body: this.#body(body, names),
    }));
  }

  /** The keys of a `for_each` or `count`, each with the names that are bound inside the block. */
  #keys(body: Body): [string | undefined, Readonly<Record<string, Value>>][] {
    if (body['count'] !== undefined) {
      return Array.from({ length: Number(this.#value(body['count'])) }, (_, index) => [
        String(index),
        { count: { index } },
      ]);
    }
    if (body['for_each'] === undefined) return [[undefined, {}]];
    const value = this.#value(body['for_each']);
    if (value === null || typeof value !== 'object' || value instanceof Reference)
      throw new Error(`for_each over ${JSON.stringify(value)}`);
    const entries = Array.isArray(value)
      ? value.map((each) => [String(each), each] as const)
      : Object.entries(value as Readonly<Record<string, Value>>);
    return entries.map(([key, each]) => [key, { each: { key, value: each } }]);
  }

  #body(body: Body, names: Readonly<Record<string, Value>>): { readonly [key: string]: Value } {
    const plain = Object.entries(body).filter(([key]) => !META.has(key));
    const dynamic = Object.entries(asBody(body['dynamic'])).map(
      ([key, blocks]): [string, Value] => [
        key,
        (Array.isArray(blocks) ? blocks : []).flatMap((block) =>
          this.#dynamic(key, asBody(block), names),
        ),
      ],
    );
    return Object.fromEntries([
      ...plain.map(([key, value]): [string, Value] => [key, this.#nested(value, names)]),
      ...dynamic,
    ]);
  }

  #dynamic(key: string, block: Body, names: Readonly<Record<string, Value>>): Value[] {
    const over = this.#value(block['for_each'] ?? [], names);
    const items = Array.isArray(over)
      ? over.map((each) => [each, each] as const)
      : Object.entries(over as Readonly<Record<string, Value>>);
    const [content] = block['content'] as Body[];
    return items.map(([at, value]) =>
      this.#body(content ?? {}, { ...names, [key]: { key: at, value } }),
    );
  }

  #nested(value: Json, names: Readonly<Record<string, Value>>): Value {
    if (Array.isArray(value)) return value.map((each) => this.#nested(each, names));
    if (value === null || typeof value !== 'object') return this.#value(value, names);
    if ('dynamic' in value) return this.#body(value, names);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        textOf(this.#value(key, names)),
        this.#nested(each, names),
      ]),
    );
  }

  #value(value: Json, names: Readonly<Record<string, Value>> = {}): Value {
    if (typeof value === 'string') return evaluate(parseTemplate(value), this.#scope(names));
    return value !== null && typeof value === 'object' ? this.#nested(value, names) : value;
  }

  #scope(names: Readonly<Record<string, Value>>): Scope {
    return {
      files: this.#files,
      name: (name) => {
        if (name in names) return names[name] ?? null;
        if (name === 'var') return this.#variables;
        if (name === 'local') return this.#lazyLocals();
        if (name === 'data') return new Reference('data');
        if (this.#blocks.some(({ kind, labels }) => kind === 'resource' && labels[0] === name))
          return this.resources(name);
        throw new Error(`nothing is named ${name}`);
      },
    };
  }

  #lazyLocals(): { readonly [key: string]: Value } {
    return new Proxy(
      {},
      { get: (_, name) => (typeof name === 'string' ? this.local(name) : undefined) },
    );
  }

  /** `google_x.this` is a map of references where it has a for_each, so that expressions can iterate over it. */
  resources(type: string): { readonly [key: string]: Value } {
    const blocks = this.#blocks.filter(
      ({ kind, labels }) => kind === 'resource' && labels[0] === type,
    );
    return Object.fromEntries(
      blocks.map(({ labels: [, name = ''], body }): [string, Value] => {
        const path = `${type}.${name}`;
        if (body['count'] !== undefined)
          return [name, this.#keys(body).map(([key]) => new Reference(`${path}[${key}]`))];
        if (body['for_each'] === undefined) return [name, new Reference(path)];
        return [
          name,
          Object.fromEntries(
            this.#keys(body).map(([key]) => [
              key,
              new Reference(`${path}[${JSON.stringify(key)}]`),
            ]),
          ),
        ];
      }),
    );
  }
}
