type Tree = { [name: string]: Tree | true };

/** A partial response for the `fields` parameter: `name,items(name,size)`. */
export function partial(value: unknown, fields: string | null): unknown {
  return fields === null ? value : pick(value, parse(fields));
}

function pick(value: unknown, tree: Tree | true): unknown {
  if (tree === true || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => pick(each, tree));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      tree[name] === undefined ? [] : [[name, pick(each, tree[name])]],
    ),
  );
}

function parse(text: string): Tree {
  const tree: Tree = {};
  for (const [, name = '', inner] of text.matchAll(/([\w/]+)(?:\(((?:[^()]|\([^()]*\))*)\))?/g))
    tree[name] = inner === undefined ? true : parse(inner);
  return tree;
}
