import { constants, type DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { TableRows } from './row-diff/row-diff-types.ts';
import { LifeboatError } from '../lib/errors.ts';
import { MIB } from '../lib/text/units.ts';
import { notJudged, serveChild, type ChildFault } from './child.ts';
import { compareTable, type RowReader } from './row-diff/row-diff-table.ts';
import { openUntrusted } from './untrusted.ts';
import { tableList, type TableEntry } from './engine.ts';
import { ENGLISH, formatSize } from '../lib/text/format.ts';

/** The caller keeps the whole result in memory. */
const LARGEST_DIFF = 64 * MIB;
const BYTES_OF_TABLE = 1000;
const CACHE_KIB = 16_384;
const ALLOWED: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
]);
const ALLOWED_PRAGMAS: ReadonlySet<string> = new Set([
  'table_list',
  'table_xinfo',
  'index_list',
  'index_xinfo',
]);

type RowDiffInput = {
  readonly from: string;
  readonly to: string;
  /** Of the larger file. */
  readonly size: number;
  readonly table: string | undefined;
  readonly limit: number;
};

serveChild(compareFiles, rowDiffFault);

async function compareFiles(
  { from, to, size, table, limit }: RowDiffInput,
  send: (part: TableRows) => Promise<void>,
): Promise<void> {
  const db = openUntrusted(from, size);
  try {
    attachReadOnly(db, to);
    const reader = readerOf(db);
    for (const name of tablesOfBoth(reader, table)) {
      const rows = compareTable(reader, name, limit);
      if (hasNoChange(rows)) continue;
      reader.spend(BYTES_OF_TABLE);
      await send(rows);
    }
  } finally {
    db.close();
  }
}

/** The other file as `newer`. Afterwards nothing but reading the rows of both is allowed. */
function attachReadOnly(db: DatabaseSync, path: string): void {
  try {
    db.prepare('attach ? as newer').run(`${pathToFileURL(path).href}?immutable=1`);
  } catch (error) {
    // As when their text encodings differ.
    throw new LifeboatError(
      'usage',
      `the rows of these backups cannot be compared: ${error instanceof Error ? error.message : String(error)}`,
      'Restore both, and compare the files with another program.',
    );
  }
  db.exec(`pragma cell_size_check = on; pragma cache_size = -${CACHE_KIB}`);
  db.setAuthorizer((action, first) =>
    ALLOWED.has(action) ||
    (action === constants.SQLITE_PRAGMA && ALLOWED_PRAGMAS.has(first?.toLowerCase() ?? ''))
      ? constants.SQLITE_OK
      : constants.SQLITE_DENY,
  );
}

function readerOf(db: DatabaseSync): RowReader {
  let spent = 0;
  return {
    all: (sql) => db.prepare(sql).all(),
    rows: (sql: string, ...values: SQLInputValue[]) => {
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      statement.setReturnArrays(true);
      return statement.iterate(...values) as Iterable<unknown> as Iterable<SQLOutputValue[]>;
    },
    spend: (bytes) => {
      spent += bytes;
      if (spent > LARGEST_DIFF) throw diffTooLarge();
    },
  };
}

/** The names of the tables that both files have. A new table and one that is gone have no pairs. */
function tablesOfBoth({ all }: RowReader, table: string | undefined): string[] {
  const [before, after] = [tableList(all), tableList(all, 'newer')].map((entries) =>
    entries.filter(hasComparableRows),
  ) as [TableEntry[], TableEntry[]];
  if (table !== undefined && ![...before, ...after].some(({ name }) => name === table))
    throw new LifeboatError(
      'usage',
      `no table ${JSON.stringify(table)} in these backups`,
      'Leave out --table to compare every table. Names are case-sensitive.',
    );
  const names = new Set(after.map(({ name }) => name));
  return before
    .map(({ name }) => name)
    .filter((name) => names.has(name) && (table === undefined || name === table));
}

/** The rows of a virtual table are in its shadow tables, or come from elsewhere. */
function hasComparableRows({ name, type }: TableEntry): boolean {
  return (type === 'table' || type === 'shadow') && !/^sqlite_/i.test(name);
}

function hasNoChange({
  problem,
  added,
  removed,
  changed,
  newColumns,
  goneColumns,
}: TableRows): boolean {
  const columns = newColumns.length + goneColumns.length;
  return problem === null && added + removed + changed + columns === 0;
}

function diffTooLarge(): LifeboatError {
  return new LifeboatError(
    'usage',
    `the changes are larger than ${formatSize(ENGLISH, LARGEST_DIFF)}`,
    'Compare one table with --table, or fewer rows of each with --limit.',
  );
}

function rowDiffFault(error: unknown): ChildFault {
  if (error instanceof LifeboatError)
    return { code: error.code, message: error.message, hint: error.hint };
  return notJudged(error);
}
