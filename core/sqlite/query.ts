import { toLifeboatError } from '../lib/errors.ts';
import { runChild } from './child.ts';
import type { Cell, QueryPart } from './query-child.ts';

export type { Cell } from './query-child.ts';
export type QueryResult = { columns: string[]; rows: Cell[][] };

/**
 * Runs one statement that only reads, on a private copy, in a process of its own. Throws `usage`
 * when the statement is refused or fails.
 */
export async function queryFile(
  path: string,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<QueryResult> {
  const result: QueryResult = { columns: [], rows: [] };
  const onPart = ({ columns, rows }: QueryPart) => {
    result.columns = columns;
    for (const row of rows) result.rows.push(row);
  };
  try {
    await runChild('query-child', { input: { path, sql }, signal, onPart });
  } catch (error) {
    signal?.throwIfAborted();
    throw toLifeboatError(error);
  }
  return result;
}
