const KINDS = ['start', 'step', 'store', 'alert'] as const;

export type Kind = (typeof KINDS)[number];
/** Positions and extents count cells of a grid. */
export type Group = {
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
};
export type Node = {
  readonly name: string;
  readonly column: number;
  readonly row: number;
  readonly kind: Kind;
  readonly lines: readonly string[];
};
export type Edge = { readonly from: Node; readonly to: Node };
export type Diagram = {
  readonly groups: readonly Group[];
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
};

/** Reads the text that docs/images/data-flow.txt explains. Throws an Error that names the line. */
export function parseDiagram(text: string): Diagram {
  const groups: Group[] = [];
  const nodes = new Map<string, Node>();
  const edges: Edge[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === '' || keyword === undefined || keyword.startsWith('#')) continue;
    if (keyword === 'group') groups.push(parseGroup(words));
    else if (keyword === 'node') {
      const node = parseNode(words, index + 1);
      nodes.set(node.name, node);
    } else if (keyword === 'edge') edges.push(parseEdge(words, nodes, index + 1));
    else throw new Error(`line ${index + 1}: unknown keyword ${keyword}`);
  }
  return { groups, nodes: [...nodes.values()], edges };
}

function parseGroup([column, row, columns, rows, ...title]: readonly string[]): Group {
  return {
    column: Number(column),
    row: Number(row),
    columns: Number(columns),
    rows: Number(rows),
    title: title.join(' '),
  };
}

function parseNode(
  [name = '', column, row, kind, ...label]: readonly string[],
  line: number,
): Node {
  const known = KINDS.find((each) => each === kind);
  if (!known) throw new Error(`line ${line}: unknown kind ${String(kind)}`);
  return {
    name,
    column: Number(column),
    row: Number(row),
    kind: known,
    lines: label
      .join(' ')
      .split('|')
      .map((part) => part.trim()),
  };
}

function parseEdge(
  [from = '', to = '']: readonly string[],
  nodes: ReadonlyMap<string, Node>,
  line: number,
): Edge {
  const [source, target] = [nodes.get(from), nodes.get(to)];
  if (!source || !target) throw new Error(`line ${line}: no node ${source ? to : from}`);
  return { from: source, to: target };
}
