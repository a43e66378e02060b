import { columnText, pragmaRows, quoteName, tableList, type All, type Engine } from '../engine.ts';

type Key = {
  readonly column: string;
  readonly parent: string;
  readonly to: string;
  readonly composite: boolean;
};

/**
 * How many rows of each table refer to a row that is absent, as `pragma foreign_key_check` counts
 * them. That looks a parent up for every row of every table, which takes longer than reading the
 * whole file; where an index leads to a rowid, as most keys do, one look for each distinct value is
 * enough.
 */
export function foreignKeyViolations({
  all,
  count,
}: Pick<Engine, 'all' | 'count'>): [table: string, count: number][] {
  const entries = tableList(all).filter(({ type }) => type === 'table' || type === 'virtual');
  const rowidTables = entries
    .filter(({ type, withoutRowid }) => type === 'table' && !withoutRowid)
    .map(({ name }) => name);
  return entries.flatMap(({ name }): [string, number][] => {
    const keys = keysOf(all, name);
    if (keys.length === 0) return [];
    const quick = keys.map((key) => quickCount(all, rowidTables, name, key));
    const violations = quick.every((sql) => sql !== undefined)
      ? quick.reduce((sum, sql) => sum + Number(all(sql)[0]?.['n']), 0)
      : count(`pragma main.foreign_key_check(${quoteName(name)})`);
    return violations > 0 ? [[name, violations]] : [];
  });
}

function keysOf(all: All, table: string): Key[] {
  const rows = pragmaRows(all, 'foreign_key_list', table);
  const composite = new Set(rows.filter(({ seq }) => Number(seq) > 0).map(({ id }) => Number(id)));
  return rows
    .filter(({ seq }) => Number(seq) === 0)
    .map((row) => ({
      column: columnText(row['from']),
      parent: columnText(row['table']),
      to: columnText(row['to']),
      composite: composite.has(Number(row['id'])),
    }));
}

/**
 * A statement that counts the violations of a key by an index; `undefined` where only the engine's
 * own check can be trusted with it.
 */
function quickCount(
  all: All,
  tables: readonly string[],
  table: string,
  { column, parent, to, composite }: Key,
): string | undefined {
  const target = tables.find((name) => same(name, parent));
  const rowid = composite || target === undefined ? undefined : rowidColumn(all, target);
  if (target === undefined || rowid === undefined || (to !== '' && !same(to, rowid)))
    return undefined;
  const type = pragmaRows(all, 'table_info', table).find(({ name }) =>
    same(columnText(name), column),
  )?.['type'];
  if (!/int/i.test(columnText(type)) || !indexed(all, table, column)) return undefined;
  return `select coalesce(sum(child.n), 0) as n from (select ${quoteName(column)} as v, count(*) as n from ${quoteName(table)} group by 1) as child
    where child.v is not null and not exists (select 1 from ${quoteName(target)} as parent where parent.${quoteName(rowid)} = child.v)`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/**
 * The column that is the table's rowid by another name; `undefined` where there is none. An index
 * of origin `pk` means that the key is a column of its own.
 */
function rowidColumn(all: All, table: string): string | undefined {
  const keys = pragmaRows(all, 'table_info', table).filter(({ pk }) => Number(pk) > 0);
  if (keys.length !== 1 || !same(columnText(keys[0]?.['type']), 'integer')) return undefined;
  return pragmaRows(all, 'index_list', table).some(({ origin }) => origin === 'pk')
    ? undefined
    : columnText(keys[0]?.['name']);
}

function indexed(all: All, table: string, column: string): boolean {
  return pragmaRows(all, 'index_list', table)
    .filter(({ partial }) => Number(partial) === 0)
    .some(({ name }) =>
      same(columnText(pragmaRows(all, 'index_info', columnText(name))[0]?.['name']), column),
    );
}
