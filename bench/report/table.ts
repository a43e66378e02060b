import { find, OPERATIONS, type Result } from '../results.ts';

const MIB = 2 ** 20;

/** The results, and what fraction of each rival's time Lifeboat took. */
export function resultTable(results: readonly Result[], rivals: readonly string[]): string {
  const rows = OPERATIONS.flatMap((operation) =>
    results
      .filter((each) => each.operation === operation)
      .map((each) => [
        operation,
        each.program,
        each.wall.toFixed(2),
        each.cpu.toFixed(2),
        size(each.memory),
        each.stored === undefined ? '' : size(each.stored),
        ...rivals.map((rival) => wallRatio(each, find(results, operation, rival))),
      ]),
  );
  const head = ['operation', 'program', 'wall s', 'CPU s', 'memory MiB', 'new MiB'];
  return markdownTable([...head, ...rivals.map((rival) => `wall ÷ ${rival}`)], rows);
}

/** Its columns are aligned, so that it can be read as text, too. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `|${cells.map((cell, at) => `${fill}${cell.padEnd(widths[at] ?? 0, fill)}${fill}`).join('|')}|`;
  const rule = head.map(() => '');
  return `${[line(head), line(rule, '-'), ...rows.map((row) => line(row))].join('\n')}\n`;
}

function size(bytes: number): string {
  return bytes >= 100 * MIB ? (bytes / MIB).toFixed(0) : (bytes / MIB).toFixed(1);
}

function wallRatio(result: Result, rival: Result | undefined): string {
  if (!rival || rival.wall === 0 || !result.program.startsWith('lifeboat')) return '';
  return (result.wall / rival.wall).toFixed(2);
}
