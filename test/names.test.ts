import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';

// One word for one thing: whoever searches for a name finds one meaning. These tables are exact: an
// entry that is no longer needed fails, too.

/** The top-level names that several files declare, by the reason. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  'a function of the deployment is called like the operation that it runs': [
    'backup',
    'status',
    'watch',
  ],
  'a child process does the work of the function of the same name': ['merge', 'query'],
  'every language has its own': ['databases', 'plural'],
  'the schema of a key is called like the key, in each document that has it': [
    'inspection',
    'migrations',
  ],
};

const MOST_PARAMETERS = 4;
const MOST_LINES = 60;
/** The functions that are longer, as `file name`, with the reason. */
const LONG: Readonly<Record<string, string>> = {};

type Node = { readonly type: string; readonly start: number; readonly end: number } & Record<
  string,
  unknown
>;

const root = join(import.meta.dirname, '..');
const files = ['core', 'cli', 'functions']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  .map((name) => {
    const text = readFileSync(join(root, name), 'utf8');
    return { name, text, program: parseAst(text, { lang: 'ts' }) as unknown as Node };
  });

test('a top-level name is declared in one file, or stands in the table', () => {
  const places = Map.groupBy(
    files.flatMap(({ name, program }) =>
      [...new Set(declared(program))].map((identifier) => ({ identifier, file: name })),
    ),
    ({ identifier }) => identifier,
  );
  const repeated = [...places].filter(([, each]) => each.length > 1);
  const allowed = new Set(Object.values(SHARED).flat());
  expect({
    missing: repeated
      .filter(([identifier]) => !allowed.has(identifier))
      .map(([identifier, each]) => `${identifier}: ${each.map(({ file }) => file).join(' ')}`),
    needless: [...allowed].filter((name) => (places.get(name)?.length ?? 0) < 2),
  }).toEqual({ missing: [], needless: [] });
});

test('no function takes more than four parameters', () => {
  const offenders = functions()
    .filter(({ parameters }) => parameters > MOST_PARAMETERS)
    .map(({ file, name, parameters }) => `${file} ${name}: ${parameters}`);
  expect(offenders).toEqual([]);
});

test('no function is longer than 60 lines, except those in the table', () => {
  const long = functions()
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ file, name }) => `${file} ${name}`);
  expect(long.sort()).toEqual(Object.keys(LONG).sort());
});

/** The names of the functions, constants, types and classes at the top level of a file. */
function declared(program: Node): string[] {
  return (program['body'] as Node[]).flatMap((statement) => {
    const declaration = (statement['declaration'] ?? statement) as Node;
    const declarations = (declaration['declarations'] as Node[] | undefined) ?? [declaration];
    return declarations.flatMap(({ id }) => (id as { name?: string } | null)?.name ?? []);
  });
}

function functions() {
  return files.flatMap(({ name: file, text, program }) =>
    [...functionsIn(program)].map(({ node, name }) => ({
      file,
      name,
      parameters: (node['params'] as Node[]).length,
      lines: text.slice(node.start, node.end).split('\n').length,
    })),
  );
}

/** Every function below a node, with its own name or that of what it is assigned to. */
function* functionsIn(
  node: Node,
  name = '(anonymous)',
): Generator<{ readonly node: Node; readonly name: string }> {
  const key = (node['id'] ?? node['key']) as { name?: string } | null | undefined;
  const own = key?.name ?? name;
  if (/Function/.test(node.type) && Array.isArray(node['params'])) yield { node, name: own };
  for (const child of Object.values(node).flat()) if (isNode(child)) yield* functionsIn(child, own);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
