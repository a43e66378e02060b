import { SPLAT, type Node } from './expression.ts';
import { functionsOver, type Files } from './functions.ts';
import { Reference, textOf, type Value } from './values.ts';

export type Scope = {
  /** The value of the first word of a reference: `var`, `local` or a resource type. Throws for an unknown one. */
  readonly name: (name: string) => Value;
  readonly files: Files;
};

const entriesOf = (value: Value): [Value, Value][] => {
  if (Array.isArray(value)) return value.map((each, at) => [at, each as Value]);
  if (value !== null && typeof value === 'object' && !(value instanceof Reference))
    return Object.entries(value as Readonly<Record<string, Value>>).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
  throw new Error(`${JSON.stringify(value)} cannot be gone through`);
};

const step = (value: Value, key: Value): Value => {
  if (value instanceof Reference)
    return new Reference(
      typeof key === 'string' && /^[a-z_][a-z0-9_]*$/.test(key)
        ? `${value.path}.${key}`
        : `${value.path}[${JSON.stringify(key)}]`,
    );
  if (value === null || typeof value !== 'object')
    throw new Error(`${JSON.stringify(value)} has no ${textOf(key)}`);
  const found = (value as Readonly<Record<string, Value>>)[textOf(key)];
  if (found === undefined)
    throw new Error(`there is no ${textOf(key)} in ${JSON.stringify(value).slice(0, 120)}`);
  return found;
};

const OPERATORS: Readonly<Record<string, (a: never, b: never) => Value>> = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '%': (a: number, b: number) => a % b,
  '<': (a: number, b: number) => a < b,
  '>': (a: number, b: number) => a > b,
  '<=': (a: number, b: number) => a <= b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: Value, b: Value) => JSON.stringify(a) === JSON.stringify(b),
  '!=': (a: Value, b: Value) => JSON.stringify(a) !== JSON.stringify(b),
};

/** A small evaluator for Terraform's expressions. test/system/terraform.test.ts compares it with Terraform itself. */
export const evaluate = (node: Node, scope: Scope): Value => {
  const at = (inner: Node): Value => evaluate(inner, scope);
  const within = (inner: Node, names: Readonly<Record<string, Value>>): Value =>
    evaluate(inner, {
      ...scope,
      name: (name) => names[name] ?? (name in names ? null : scope.name(name)),
    });
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'template':
      return node.parts.map((part) => textOf(at(part))).join('');
    case 'name':
      return scope.name(node.name);
    case 'index':
      return step(at(node.of), at(node.key));
    case 'splat':
      return entriesOf(at(node.of)).map(([, value]) => within(node.each, { [SPLAT]: value }));
    case 'tuple':
      return node.items.map(at);
    case 'object':
      return Object.fromEntries(node.items.map(([key, value]) => [textOf(at(key)), at(value)]));
    case 'unary':
      return node.operator === '!' ? at(node.of) !== true : -Number(at(node.of));
    case 'conditional':
      return at(node.test) === true ? at(node.yes) : at(node.no);
    case 'binary': {
      if (node.operator === '&&') return at(node.left) === true && at(node.right) === true;
      if (node.operator === '||') return at(node.left) === true || at(node.right) === true;
      const operator = OPERATORS[node.operator];
      if (!operator) throw new Error(`unknown operator ${node.operator}`);
      return operator(at(node.left) as never, at(node.right) as never);
    }
    case 'for': {
      const rows = entriesOf(at(node.over))
        .map(([key, value]) =>
          node.names.length === 1
            ? { [node.names[0] ?? '']: value }
            : { [node.names[0] ?? '']: key, [node.names[1] ?? '']: value },
        )
        .filter((names) => node.only === undefined || within(node.only, names) === true);
      const { key } = node;
      return key
        ? Object.fromEntries(
            rows.map((names) => [textOf(within(key, names)), within(node.value, names)]),
          )
        : rows.map((names) => within(node.value, names));
    }
    case 'call': {
      if (node.name === 'try' || node.name === 'can') {
        for (const arg of node.args) {
          try {
            const value = at(arg);
            return node.name === 'can' ? true : value;
          } catch {
            continue;
          }
        }
        if (node.name === 'can') return false;
        throw new Error('nothing could be tried');
      }
      const call = functionsOver(scope.files)[node.name];
      if (!call) throw new Error(`the function ${node.name} is not known to the test`);
      return call(...node.args.map(at));
    }
  }
};
