import { constants, type DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { LifeboatError, systemCode } from '../lib/errors.ts';
import { serveChild, type ChildFault } from './child.ts';
import { openUntrusted } from './untrusted.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';

export type Cell = string | number | null;
export type QueryPart = { columns: string[]; rows: Cell[][] };

const ROWS_PER_PART = 1000;
const PART_SIZE = 2 ** 20;
/** The caller keeps the whole result in memory. */
const LARGEST_RESULT = 256 * 2 ** 20;
const QUERY_HINT = 'It must be one SQL statement that only reads.';

// R-Tree prepares writes to its own tables before it reads them; the connection cannot carry them out.
const RTREE_TABLE = /_(node|rowid|parent)$/;
const READS = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);
const WRITES = new Set([constants.SQLITE_INSERT, constants.SQLITE_UPDATE, constants.SQLITE_DELETE]);
/** Pragmas that only read, whatever their argument is. */
const READING_PRAGMAS = new Set([
  'collation_list',
  'compile_options',
  'data_version',
  'database_list',
  'foreign_key_check',
  'foreign_key_list',
  'freelist_count',
  'function_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'module_list',
  'page_count',
  'pragma_list',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
]);
/** Pragmas that read without an argument, and set something with one. */
const SETTINGS = new Set([
  'application_id',
  'auto_vacuum',
  'encoding',
  'foreign_keys',
  'journal_mode',
  'page_size',
  'schema_version',
  'user_version',
]);

type QueryInput = { path: string; sql: string };

serveChild(query, queryFault);

async function query(
  { path, sql }: QueryInput,
  send: (part: QueryPart) => Promise<void>,
): Promise<void> {
  const db = openUntrusted(path);
  try {
    db.setAuthorizer(authorize);
    const statement = prepareOne(db, sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    const rows = statement.iterate() as Iterable<unknown> as Iterable<SQLOutputValue[]>;
    for (const part of partsOf(rows)) await send({ columns, rows: part });
  } finally {
    db.close();
  }
}

/** Rows in parts that are small enough to be sent. The last part may be empty. */
function* partsOf(rows: Iterable<SQLOutputValue[]>): Generator<Cell[][]> {
  let part: Cell[][] = [];
  let [size, total] = [0, 0];
  for (const row of rows) {
    const cells = row.map(toCell);
    part.push(cells);
    size += sizeOfCells(cells);
    if (total + size > LARGEST_RESULT) throw resultTooLarge();
    if (part.length < ROWS_PER_PART && size < PART_SIZE) continue;
    yield part;
    total += size;
    [part, size] = [[], 0];
  }
  yield part;
}

/** Bytes that a row takes in memory, roughly. */
function sizeOfCells(cells: readonly Cell[]): number {
  return cells.reduce<number>(
    (sum, cell) => sum + 16 + (typeof cell === 'string' ? cell.length : 0),
    0,
  );
}

function authorize(action: number, first: string | null, second: string | null): number {
  const allowed =
    READS.has(action) ||
    (WRITES.has(action) && first !== null && RTREE_TABLE.test(first)) ||
    (action === constants.SQLITE_PRAGMA && first !== null && isReadingPragma(first, second));
  return allowed ? constants.SQLITE_OK : constants.SQLITE_DENY;
}

function isReadingPragma(name: string, argument: string | null): boolean {
  const pragma = name.toLowerCase();
  return READING_PRAGMAS.has(pragma) || (argument === null && SETTINGS.has(pragma));
}

/** SQLite prepares the first statement of a text and would ignore the rest. */
function prepareOne(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  const rest = sql.slice(statement.sourceSQL.length);
  if (rest !== '' && !hasNoStatement(db, rest))
    throw new LifeboatError('usage', 'there is more than one statement', QUERY_HINT);
  return statement;
}

function hasNoStatement(db: DatabaseSync, text: string): boolean {
  try {
    db.prepare(text);
    return false;
  } catch (error) {
    return systemCode(error) === 'ERR_INVALID_ARG_VALUE';
  }
}

/**
 * What JSON can carry: a blob becomes an SQL literal (x'00ff'), an integer beyond 2^53 its digits.
 */
function toCell(value: SQLOutputValue | undefined): Cell {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  return value ?? null;
}

function resultTooLarge(): LifeboatError {
  return new LifeboatError(
    'usage',
    `the result is larger than ${formatSize(ENGLISH, LARGEST_RESULT)}`,
    'Select fewer rows, or restore the backup and query the file with sqlite3.',
  );
}

function queryFault(error: unknown): ChildFault {
  if (error instanceof LifeboatError)
    return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'usage', message: `the statement failed: ${message}`, hint: QUERY_HINT };
}
