import { stat } from 'node:fs/promises';
import { toLifeboatError } from '../lib/errors.ts';
import { runChild } from './child.ts';
import { judgeMemory } from './memory-limit.ts';
import type { Cell, QueryPart } from './query-child.ts';

const RESULT_MEMORY = 2 ** 30;

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
    const { size } = await stat(path);
    const mostMemory = judgeMemory(size) + RESULT_MEMORY;
    await runChild('query-child', { input: { path, sql }, signal, onPart, mostMemory });
  } catch (error) {
    signal?.throwIfAborted();
    throw toLifeboatError(error);
  }
  return result;
}
