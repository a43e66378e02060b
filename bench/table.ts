import { find, OPERATIONS, type Result } from './results.ts';

const MIB = 2 ** 20;

/** One markdown table; the rows of `ours` carry their ratios to each peer. */
export function markdown(
  results: readonly Result[],
  ours: readonly string[],
  peers: readonly string[],
): string {
  const header = [
    'operation',
    'program',
    'wall s',
    'CPU s',
    'memory MiB',
    'new MiB',
    ...peers.map((peer) => `÷ ${peer}`),
  ];
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
        ...peers.map((peer) =>
          ours.includes(each.program) ? against(each, find(results, operation, peer)) : '',
        ),
      ]),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `|${cells.map((cell, at) => `${fill}${cell.padEnd(widths[at] ?? 0, fill)}${fill}`).join('|')}|`;
  const widths = header.map((_, at) =>
    Math.max(...[header, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  return `${[
    line(header),
    line(
      header.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n')}\n`;
}

function size(bytes: number): string {
  return bytes >= 100 * MIB ? (bytes / MIB).toFixed(0) : (bytes / MIB).toFixed(1);
}

/** `wall, CPU, memory, bytes` of a result, each divided by the peer's in the same operation. */
function against(result: Result, peer: Result | undefined): string {
  if (!peer || peer === result) return '';
  const bytes =
    result.stored !== undefined && peer.stored !== undefined
      ? ratio(result.stored, peer.stored)
      : '–';
  return [
    ratio(result.wall, peer.wall),
    ratio(result.cpu, peer.cpu),
    ratio(result.memory, peer.memory),
    bytes,
  ].join(' · ');
}

function ratio(value: number, peer: number): string {
  return peer > 0 ? (value / peer).toFixed(2) : '–';
}
