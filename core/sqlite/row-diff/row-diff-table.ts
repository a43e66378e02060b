import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { RowChange, RowValue, TableRows } from './row-diff-types.ts';
import { LifeboatError } from '../../lib/errors.ts';
import { fit, oneLine } from '../../lib/text/text.ts';
import { pragmaRows, columnText, quoteName, type All } from '../engine.ts';
import { rowValue, sizeOfRowChange } from './row-value.ts';

/** Reads the older database, `main`, and the newer one, which is attached as `newer`. */
export type RowReader = {
  readonly all: All;
  /** Rows as arrays, one after the other, with integers as `bigint`. */
  readonly rows: (sql: string, ...values: SQLInputValue[]) => Iterable<SQLOutputValue[]>;
  /** Called with the bytes of the result; throws when there are too many. */
  readonly spend: (bytes: number) => void;
};

/** The column that identifies a row beside those that the table declares. */
const ROWID_NAMES = ['rowid', '_rowid_', 'oid'];
const LONGEST_PROBLEM = 300;

type Column = { readonly name: string; readonly pk: number; readonly affinity: string };
type TableColumns = {
  readonly key: readonly string[];
  readonly isRowid: boolean;
  /** All others that both have. */
  readonly others: readonly string[];
};

/**
 * Compares the rows of one table, which both databases have. A row is looked up by its key, so the
 * memory does not grow with the table. Values are compared as they are stored: with their type, and
 * regardless of collations.
 */
export function compareTable(reader: RowReader, name: string, limit: number): TableRows {
  const rows: TableRows = {
    name,
    key: null,
    problem: null,
    newColumns: [],
    goneColumns: [],
    added: 0,
    removed: 0,
    changed: 0,
    rows: [],
  };
  try {
    const [before, after] = [columnsOf(reader, 'main', name), columnsOf(reader, 'newer', name)];
    rows.newColumns = namesNotIn(after, before);
    rows.goneColumns = namesNotIn(before, after);
    for (const column of [...rows.newColumns, ...rows.goneColumns]) reader.spend(column.length);
    const columns = rowKeyOf(reader, name, before, after);
    if (typeof columns === 'string') return { ...rows, problem: columns };
    rows.key = columns.isRowid ? 'rowid' : 'primary-key';
    for (const change of ['changed', 'added', 'removed'] as const) {
      const query = queryOf(name, columns, change);
      rows[change] = countOf(reader, query);
      const room = rows[change] > 0 ? limit - rows.rows.length : 0;
      if (room > 0)
        for (const each of changesIn(reader, query, columns, room)) {
          reader.spend(sizeOfRowChange(each));
          rows.rows.push(each);
        }
    }
    return rows;
  } catch (error) {
    if (error instanceof LifeboatError) throw error;
    // An unknown collation, or damage: the other tables can still be compared.
    const message = error instanceof Error ? error.message : String(error);
    return { ...rows, key: null, problem: fit(oneLine(message), LONGEST_PROBLEM) };
  }
}

/** The stored columns: generated ones follow from them. */
function columnsOf({ all }: RowReader, schema: string, table: string): Column[] {
  return pragmaRows(all, 'table_xinfo', table, schema)
    .filter(({ hidden }) => Number(hidden) === 0)
    .map(({ name, pk, type }) => ({
      name: columnText(name),
      pk: Number(pk),
      affinity: affinityOf(columnText(type)),
    }));
}

function namesNotIn(columns: readonly Column[], others: readonly Column[]): string[] {
  const names = new Set(others.map(({ name }) => name.toLowerCase()));
  return columns.map(({ name }) => name).filter((name) => !names.has(name.toLowerCase()));
}

/** How rows are paired, or why they cannot be. */
function rowKeyOf(
  reader: RowReader,
  table: string,
  before: readonly Column[],
  after: readonly Column[],
): TableColumns | string {
  const primary = primaryKeyOf(before);
  if (primary.join('\n').toLowerCase() !== primaryKeyOf(after).join('\n').toLowerCase())
    return 'its primary key changed';
  const droppedColumns = new Set(namesNotIn(before, after));
  const common = before.map(({ name }) => name).filter((name) => !droppedColumns.has(name));
  const withKey = (key: readonly string[], isRowid: boolean): TableColumns => ({
    key,
    isRowid,
    others: common.filter((name) => isRowid || !key.includes(name)),
  });
  if (primary.length > 0 && !hasNullIn(reader, table, primary)) {
    const [old, current] = (['main', 'newer'] as const).map((schema) =>
      keyComparison(reader, schema, table, schema === 'main' ? before : after),
    );
    // Each side would then compare keys by other rules, and one of them without its index.
    return old === current
      ? withKey(primary, false)
      : 'the type or collation of its primary key changed';
  }
  const names = new Set([...before, ...after].map(({ name }) => name.toLowerCase()));
  const rowid = ROWID_NAMES.find((name) => !names.has(name));
  return rowid === undefined
    ? 'it has no primary key, and columns hide its rowid'
    : withKey([rowid], true);
}

function primaryKeyOf(columns: readonly Column[]): string[] {
  return columns
    .filter(({ pk }) => pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map(({ name }) => name);
}

/** How SQLite compares the keys of a table: what differs here makes two keys equal or not. */
function keyComparison(
  { all }: RowReader,
  schema: string,
  table: string,
  columns: readonly Column[],
): string {
  const index = pragmaRows(all, 'index_list', table, schema).find(({ origin }) => origin === 'pk');
  const collations = new Map(
    (index ? pragmaRows(all, 'index_xinfo', columnText(index['name']), schema) : [])
      .filter(({ key }) => Number(key) === 1)
      .map(({ name, coll }) => [columnText(name).toLowerCase(), columnText(coll).toLowerCase()]),
  );
  // The rowid itself has no index, and its integers no collation.
  return primaryKeyOf(columns)
    .map((name) => {
      const affinity = columns.find((column) => column.name === name)?.affinity ?? '';
      return `${affinity} ${collations.get(name.toLowerCase()) ?? 'binary'}`;
    })
    .join(', ');
}

/** https://sqlite.org/datatype3.html#determination_of_column_affinity, as far as keys compare. */
function affinityOf(type: string): 'number' | 'text' | 'blob' {
  if (/int/i.test(type)) return 'number';
  if (/char|clob|text/i.test(type)) return 'text';
  return type === '' || /blob/i.test(type) ? 'blob' : 'number';
}

/** SQLite allows NULL in a primary key of a table with rowids, and then more than once. */
function hasNullIn({ all }: RowReader, table: string, key: readonly string[]): boolean {
  const isNull = key.map((name) => `${quoteName(name)} is null`).join(' or ');
  return ['main', 'newer'].some(
    (schema) =>
      all(`select 1 from ${schema}.${quoteName(table)} where ${isNull} limit 1`).length > 0,
  );
}

type ChangeQuery = {
  readonly change: RowChange['change'];
  /** From `from` on, without an order. */
  readonly rest: string;
  readonly order: string;
};

/** `a` has the row, and `b` is where it is looked up. */
function queryOf(
  table: string,
  { key, others }: TableColumns,
  change: RowChange['change'],
): ChangeQuery {
  const [first, second] = change === 'added' ? ['newer', 'main'] : ['main', 'newer'];
  const on = key.map((name) => `a.${quoteName(name)} = b.${quoteName(name)}`).join(' and ');
  // The order of the join is fixed: statistics in the file could make SQLite choose a slow one.
  const join = change === 'changed' ? 'cross join' : 'left join';
  const where =
    change === 'changed'
      ? anyOf([...key, ...others].map(differs))
      : `b.${quoteName(key[0] ?? '')} is null`;
  const tables = [first, second].map((schema) => `${schema}.${quoteName(table)}`);
  return {
    change,
    rest: `from ${tables[0]} a ${join} ${tables[1]} b on ${on} where ${where}`,
    order: `order by ${key.map((name) => `a.${quoteName(name)}`).join(', ')}`,
  };
}

function differs(name: string): string {
  const [a, b] = [`a.${quoteName(name)}`, `b.${quoteName(name)}`];
  return `${a} collate binary is not ${b} or typeof(${a}) <> typeof(${b})`;
}

/** As a balanced tree: SQLite limits the depth of an expression, not its length. */
function anyOf(terms: readonly string[]): string {
  if (terms.length < 2) return `(${terms[0] ?? 'false'})`;
  const half = terms.length >> 1;
  return `(${anyOf(terms.slice(0, half))} or ${anyOf(terms.slice(half))})`;
}

function countOf({ rows }: RowReader, { rest }: ChangeQuery): number {
  for (const [count] of rows(`select count(*) ${rest}`)) return Number(count);
  return 0;
}

function* changesIn(
  { rows }: RowReader,
  { change, rest, order }: ChangeQuery,
  { key, others }: TableColumns,
  limit: number,
): Generator<RowChange> {
  const names = [...key, ...others];
  const sides = change === 'changed' ? ['a', 'b'] : ['a'];
  const columns = sides.flatMap((side) => names.map((name) => `${side}.${quoteName(name)}`));
  for (const values of rows(`select ${columns.join(', ')} ${rest} ${order} limit ?`, limit)) {
    const first = (at: number): RowValue => rowValue(values[at]);
    const pairs = names.map((column, at) => ({
      column,
      from: change === 'added' ? null : first(at),
      to:
        change === 'changed'
          ? rowValue(values[at + names.length])
          : change === 'added'
            ? first(at)
            : null,
    }));
    yield {
      change,
      key: key.map((column, at) => ({ column, value: first(at) })),
      columns:
        change === 'changed'
          ? pairs.filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
          : pairs.slice(key.length),
    };
  }
}
