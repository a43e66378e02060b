import { parseDiagram, type Edge, type Group, type Kind, type Node } from './parse.ts';

const CELL = { width: 158, height: 92 };
const BOX = { width: 138, height: 58 };
const MARGIN = 12;
const TITLE_HEIGHT = 22;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

type Palette = {
  readonly background: string;
  readonly group: string;
  readonly title: string;
  readonly text: string;
  readonly edge: string;
  readonly fill: Readonly<Record<Kind, string>>;
  readonly stroke: Readonly<Record<Kind, string>>;
};
const PALETTES: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    background: '#ffffff',
    group: '#f4f6f8',
    title: '#57606a',
    text: '#1f2328',
    edge: '#6e7781',
    fill: { start: '#ffffff', step: '#ddf0ff', store: '#dcf3e3', alert: '#fff1d6' },
    stroke: { start: '#afb8c1', step: '#5a9bd0', store: '#58a96f', alert: '#d29a3a' },
  },
  dark: {
    background: '#0d1117',
    group: '#161b22',
    title: '#9198a1',
    text: '#e6edf3',
    edge: '#8b949e',
    fill: { start: '#0d1117', step: '#12304a', store: '#143822', alert: '#3d2b0b' },
    stroke: { start: '#484f58', step: '#3f7fb5', store: '#3c8a54', alert: '#a97a2c' },
  },
};

/** Draws the text of a diagram as an SVG image that needs no font and no script. */
export function drawDiagram(text: string, name: 'light' | 'dark'): string {
  const palette = PALETTES[name];
  const { groups, nodes, edges } = parseDiagram(text);
  const columns = Math.max(...groups.map(({ column, columns: wide }) => column + wide));
  const rowCount = Math.max(...groups.map(({ row, rows }) => row + rows));
  const width = columns * CELL.width + 2 * MARGIN;
  const height = topOf(rowCount, groups) + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${escape(FONT)}">`,
    '<title>How Lifeboat backs up, proves, watches and reports</title>',
    `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="${palette.edge}"/></marker></defs>`,
    `<rect width="${width}" height="${height}" fill="${palette.background}"/>`,
    ...groups.map((group) => drawGroup(group, groups, palette)),
    ...edges.map((edge) => drawEdge(edge, groups, palette)),
    ...nodes.map((node) => drawNode(node, groups, palette)),
    '</svg>\n',
  ].join('\n');
}

/** The y coordinate of a row; every row that begins a group leaves room for the title. */
function topOf(row: number, groups: readonly Group[]): number {
  const titles = new Set(groups.map((group) => group.row).filter((start) => start <= row)).size;
  return MARGIN + row * CELL.height + titles * TITLE_HEIGHT;
}

function drawGroup(group: Group, groups: readonly Group[], palette: Palette): string {
  const x = MARGIN + group.column * CELL.width + 4;
  const y = topOf(group.row, groups) - TITLE_HEIGHT;
  const width = group.columns * CELL.width - 8;
  const height = group.rows * CELL.height + TITLE_HEIGHT - 8;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="${palette.group}"/>`,
    `<text x="${x + 10}" y="${y + 17}" font-size="12" fill="${palette.title}">${escape(group.title)}</text>`,
  ].join('\n');
}

function boxOf({ column, row }: Node, groups: readonly Group[]): { x: number; y: number } {
  return {
    x: MARGIN + column * CELL.width + (CELL.width - BOX.width) / 2,
    y: topOf(row, groups) + (CELL.height - BOX.height) / 2 - 4,
  };
}

function drawNode(node: Node, groups: readonly Group[], palette: Palette): string {
  const { x, y } = boxOf(node, groups);
  const middle = x + BOX.width / 2;
  const first = y + BOX.height / 2 - (node.lines.length - 1) * 8 + 4;
  const lines = node.lines.map(
    (line, index) => `<tspan x="${middle}" y="${first + index * 16}">${escape(line)}</tspan>`,
  );
  return [
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7" fill="${palette.fill[node.kind]}" stroke="${palette.stroke[node.kind]}"/>`,
    `<text font-size="12.5" text-anchor="middle" fill="${palette.text}">${lines.join('')}</text>`,
  ].join('\n');
}

/**
 * A curve from the right side of one box to the left side of another, or between their ends where
 * they stand above each other.
 */
function drawEdge({ from, to }: Edge, groups: readonly Group[], palette: Palette): string {
  const [a, b] = [boxOf(from, groups), boxOf(to, groups)];
  const [x1, y1] = [a.x + BOX.width, a.y + BOX.height / 2];
  const [x2, y2] = [b.x - 2, b.y + BOX.height / 2];
  const bend = (x2 - x1) / 2;
  const path = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  return `<path d="${path}" fill="none" stroke="${palette.edge}" stroke-width="1.4" marker-end="url(#head)"/>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
