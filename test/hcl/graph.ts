import { parseTemplate } from './expression.ts';
import { stringsIn, type Block } from './read.ts';
import { waysIn } from './references.ts';

/** The direct dependencies of each local, resource and data source: `local.x`, `google_x.this`, `data.google_x.this`. */
export const dependenciesIn = (
  blocks: readonly Block[],
): ReadonlyMap<string, ReadonlySet<string>> => {
  const parts = blocks.flatMap(({ kind, labels, body }) => {
    if (kind === 'locals')
      return Object.entries(body).map(([name, value]) => ({ name: `local.${name}`, body: value }));
    if (kind === 'resource') return [{ name: labels.join('.'), body }];
    return kind === 'data' ? [{ name: `data.${labels.join('.')}`, body }] : [];
  });
  const names = new Set(parts.map(({ name }) => name));
  return new Map(
    parts.map(({ name, body }) => {
      const needed = stringsIn(body).flatMap(({ text }) =>
        waysIn(parseTemplate(text)).map(({ root, steps }) =>
          root === 'data' ? `data.${steps[0]}.${steps[1]}` : `${root}.${steps[0]}`,
        ),
      );
      return [name, new Set(needed.filter((each) => names.has(each)))];
    }),
  );
};

/** All dependencies, direct and indirect. */
export const allBefore = (
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  name: string,
): ReadonlySet<string> => {
  const found = new Set<string>();
  const visit = (each: string): void => {
    for (const next of graph.get(each) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(name);
  return found;
};
