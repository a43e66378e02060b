import { nodesOf, parseTemplate, SPLAT, type Node } from './expression.ts';
import { functionsOver } from './functions.ts';
import { stringsIn, type Block } from './read.ts';
import type { Attributes, Schema } from './schema.ts';

const FUNCTIONS = new Set([...Object.keys(functionsOver(() => '')), 'try', 'can']);
const AMBIENT = new Set(['var', 'local', 'data', 'each', 'count', 'path', 'self', 'terraform']);

export type Way = { readonly root: string; readonly steps: readonly (string | undefined)[] };

/** `local.a[x].b` as its root and steps. A step that must be computed is undefined. */
const wayOf = (node: Node): Way | undefined => {
  if (node.kind === 'name') return { root: node.name, steps: [] };
  if (node.kind !== 'index') return undefined;
  const way = wayOf(node.of);
  const { key } = node;
  return (
    way && {
      root: way.root,
      steps: [
        ...way.steps,
        key.kind === 'literal' && typeof key.value === 'string' ? key.value : undefined,
      ],
    }
  );
};

/** The outermost references of an expression. */
export const waysIn = (node: Node): Way[] => {
  const nodes = nodesOf(node);
  const inner = new Set(nodes.flatMap((each) => (each.kind === 'index' ? [each.of] : [])));
  return nodes.filter((each) => !inner.has(each)).flatMap((each) => wayOf(each) ?? []);
};

const attributeFault = (
  attributes: Attributes,
  steps: readonly (string | undefined)[],
): string | undefined => {
  const [first, ...rest] = steps.filter((step) => step !== undefined && step !== SPLAT);
  if (first === undefined) return undefined;
  const attribute = attributes[first];
  if (!attribute) return `there is no attribute ${first}`;
  return attribute.attributes && rest.length > 0
    ? attributeFault(attribute.attributes, rest)
    : undefined;
};

/** Every reference without a target and every unknown function. References may point to other files. */
export const referenceFaults = (blocks: readonly Block[], schema: Schema): string[] => {
  const variables = new Set(
    blocks.filter(({ kind }) => kind === 'variable').map(({ labels }) => labels[0]),
  );
  const locals = new Set(
    blocks.filter(({ kind }) => kind === 'locals').flatMap(({ body }) => Object.keys(body)),
  );
  const named = new Map(
    blocks
      .filter(({ kind }) => kind === 'resource' || kind === 'data')
      .map((block) => [`${block.kind === 'data' ? 'data.' : ''}${block.labels.join('.')}`, block]),
  );

  const resourceFault = (
    address: string,
    steps: readonly (string | undefined)[],
  ): string | undefined => {
    const [type = '', name = ''] = address.replace(/^data\./, '').split('.');
    const block = named.get(address);
    if (!block) return `there is no ${address}`;
    const many = block.body['for_each'] !== undefined || block.body['count'] !== undefined;
    // The first step into a resource with for_each selects an instance.
    return attributeFault(
      schema[`${address.startsWith('data.') ? 'data.' : ''}${type}`] ?? {},
      many ? steps.slice(1) : steps,
    )?.concat(` of ${type}.${name}`);
  };

  const fault = ({ root, steps }: Way, bound: ReadonlySet<string>): string | undefined => {
    if (bound.has(root)) return undefined;
    const [first = '', second = '', ...rest] = steps.map((step) => step ?? '');
    if (root === 'var') return variables.has(first) ? undefined : `there is no var.${first}`;
    if (root === 'local') return locals.has(first) ? undefined : `there is no local.${first}`;
    if (root === 'data') return resourceFault(`data.${first}.${second}`, steps.slice(2));
    if (AMBIENT.has(root)) return undefined;
    return [...named.keys()].some((key) => key.startsWith(`${root}.`)) ||
      rest.length > 0 ||
      steps.length > 0
      ? resourceFault(`${root}.${first}`, steps.slice(1))
      : `nothing is named ${root}`;
  };

  return blocks.flatMap((block) => {
    // Type keywords are not references.
    const body = Object.fromEntries(
      Object.entries(block.body).filter(([key]) => block.kind !== 'variable' || key !== 'type'),
    );
    const iterators = stringsIn(body).flatMap(({ path }) =>
      [...path.matchAll(/dynamic\.(\w+)/g)].map(([, name = '']) => name),
    );
    return stringsIn(body).flatMap(({ path, text }) => {
      const node = parseTemplate(text);
      // These are attributes of the resource itself.
      if (path.includes('.ignore_changes')) {
        const own = schema[block.labels[0] ?? ''] ?? {};
        return waysIn(node).flatMap(({ root }) => attributeFault(own, [root]) ?? []);
      }
      const bound = new Set([
        SPLAT,
        ...iterators,
        ...nodesOf(node).flatMap((each) => (each.kind === 'for' ? each.names : [])),
      ]);
      const calls = nodesOf(node).flatMap((each) =>
        each.kind === 'call' && !FUNCTIONS.has(each.name)
          ? [`there is no function ${each.name}`]
          : [],
      );
      return [...calls, ...waysIn(node).flatMap((way) => fault(way, bound) ?? [])].map(
        (each) => `${block.file} ${block.labels.join('.')} ${path}: ${each}`,
      );
    });
  });
};

/** Variables that nothing reads. */
export const unusedVariables = (blocks: readonly Block[]): string[] => {
  const used = new Set(
    blocks
      .flatMap(({ kind, labels, body }) =>
        stringsIn(body).map(({ text }) => ({
          text,
          own: kind === 'variable' ? labels[0] : undefined,
        })),
      )
      .flatMap(({ text, own }) =>
        waysIn(parseTemplate(text)).flatMap(({ root, steps }) =>
          root === 'var' && steps[0] !== own ? [steps[0]] : [],
        ),
      ),
  );
  return blocks
    .filter(({ kind, labels }) => kind === 'variable' && !used.has(labels[0] ?? ''))
    .map(({ labels }) => labels[0] ?? '');
};
