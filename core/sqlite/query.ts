import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { LifeboatError } from '../lib/errors.ts';

type Cell = string | number | null;

/**
 * Runs one statement, read-only, on a private copy. Throws `usage` when the statement is refused.
 */
export function queryFile(path: string, sql: string): { columns: string[]; rows: Cell[][] } {
  const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), {
    readOnly: true,
  });
  try {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const rows = statement.all() as unknown as SQLOutputValue[][];
    return {
      columns: statement.columns().map(({ name }) => name),
      rows: rows.map((row) => row.map(plain)),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LifeboatError(
      'usage',
      `the statement failed: ${message}`,
      'It must be one read-only SQL statement.',
      { cause },
    );
  } finally {
    db.close();
  }
}

/**
 * What JSON can carry: a blob becomes an SQL literal (x'00ff'), an integer beyond 2^53 its digits.
 */
function plain(value: SQLOutputValue | undefined): Cell {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  return value ?? null;
}
