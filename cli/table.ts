import { visibleWidth } from './visible.ts';

/** A column of sentences is not made narrower. */
const LEAST_PROSE = 30;

/**
 * Columns in the width of their longest cell. The first row has the labels. Where a line is wider
 * than the terminal, a last column without a label, which has sentences, is wrapped; otherwise each
 * row becomes a card with a line for each of its columns.
 */
export function table(rows: readonly (readonly string[])[], columns = Infinity): string {
  // No spread: a query may have more rows than a call can have arguments.
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, visibleWidth(row[column] ?? '')), 0),
  );
  const total = widths.reduce((sum, width) => sum + width + 2, -2);
  if (total <= columns || rows.length <= 1) return lines(rows, widths);
  const before = total - (widths.at(-1) ?? 0);
  const isProse = rows[0]?.at(-1) === '';
  return isProse && columns - before >= LEAST_PROSE
    ? lines(
        rows.flatMap((row) => wrapLast(row, columns - before)),
        widths,
      )
    : cards(rows);
}

function lines(rows: readonly (readonly string[])[], widths: readonly number[]): string {
  const texts = rows.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${texts.join('\n')}\n`;
}

/** The row with its last cell in as many lines as it needs. */
function wrapLast(row: readonly string[], width: number): string[][] {
  const wrapped = [''];
  for (const word of (row.at(-1) ?? '').split(' ')) {
    const line = wrapped.at(-1) ?? '';
    if (line === '') wrapped[wrapped.length - 1] = word;
    else if (visibleWidth(line) + 1 + visibleWidth(word) <= width)
      wrapped[wrapped.length - 1] = `${line} ${word}`;
    else wrapped.push(word);
  }
  const cells = row.slice(0, -1);
  return wrapped.map((line, at) => [...(at === 0 ? cells : cells.map(() => '')), line]);
}

function cards([labels = [], ...rows]: readonly (readonly string[])[]): string {
  const width = Math.max(...labels.map(visibleWidth));
  return rows
    .map((row) =>
      row
        .flatMap((cell, column) =>
          cell === '' ? [] : [`${padded(labels[column] ?? '', width)}  ${cell}\n`],
        )
        .join(''),
    )
    .join('\n');
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - visibleWidth(cell)));
}
