// Compares the rows of two copies of a database. Promises that memory does not grow with the tables,
// and that a table whose rows cannot be paired says why. Imports the engine's interface and the
// library; the comparison runs in row-diff-child.ts.
import { stat } from 'node:fs/promises';
import type { TableRows } from './row-diff-types.ts';
import { toLifeboatError } from '../../lib/errors.ts';
import { runChild } from '../child.ts';
import { judgeMemory } from '../memory-limit.ts';

const DIFF_MEMORY = 2 ** 30;

export type RowDiffOptions = {
  /** The only table to compare; all when absent. */
  readonly table: string | undefined;
  /** How many rows of each table the result has. */
  readonly limit: number;
  readonly signal: AbortSignal | undefined;
};

/**
 * Compares the rows of two private copies of a database, in a process of its own whose memory does
 * not grow with their size. Throws `usage` when there is no such table, and when the result is too
 * large.
 */
export async function diffRows(
  from: string,
  to: string,
  { table, limit, signal }: RowDiffOptions,
): Promise<TableRows[]> {
  const tables: TableRows[] = [];
  try {
    const sizes = [await stat(from), await stat(to)].map(({ size }) => size);
    const size = Math.max(...sizes);
    await runChild('row-diff-child', {
      input: { from, to, size, table, limit },
      signal,
      onPart: (part: TableRows) => void tables.push(part),
      mostMemory: judgeMemory(size) + DIFF_MEMORY,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw toLifeboatError(error);
  }
  return tables;
}
