import type { All } from './migrations.ts';

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
export function foreignKeyViolations(all: All): [table: string, count: number][] {
  const tables = all(
    "select name from pragma_table_list where schema = 'main' and type = 'table' and wr = 0 order by name",
  ).map((row) => text(row['name']));
  const every = all(
    "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual') order by name",
  );
  return every.flatMap((row): [string, number][] => {
    const table = text(row['name']);
    const keys = keysOf(all, table);
    if (keys.length === 0) return [];
    const counts = keys.map((key) => quickCount(all, tables, table, key));
    const statements = counts.every((sql) => sql !== undefined)
      ? counts
      : [`select count(*) as n from pragma_foreign_key_check('${table.replaceAll("'", "''")}')`];
    const count = statements.reduce((sum, sql) => sum + Number(all(sql)[0]?.['n']), 0);
    return count > 0 ? [[table, count]] : [];
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function keysOf(all: All, table: string): Key[] {
  const rows = all(`pragma foreign_key_list(${quote(table)})`);
  const composite = new Set(rows.filter(({ seq }) => Number(seq) > 0).map(({ id }) => Number(id)));
  return rows
    .filter(({ seq }) => Number(seq) === 0)
    .map((row) => ({
      column: text(row['from']),
      parent: text(row['table']),
      to: text(row['to']),
      composite: composite.has(Number(row['id'])),
    }));
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
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
  const found = tables.find((name) => same(name, parent));
  const rowid = composite || found === undefined ? undefined : rowidColumn(all, found);
  if (found === undefined || rowid === undefined || (to !== '' && !same(to, rowid)))
    return undefined;
  const type = all(`pragma table_info(${quote(table)})`).find(({ name }) =>
    same(text(name), column),
  )?.['type'];
  if (!/int/i.test(text(type)) || !indexed(all, table, column)) return undefined;
  return `select coalesce(sum(child.n), 0) as n from (select ${quote(column)} as v, count(*) as n from ${quote(table)} group by 1) as child
    where child.v is not null and not exists (select 1 from ${quote(found)} as parent where parent.${quote(rowid)} = child.v)`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/**
 * The column that is the table's rowid by another name; `undefined` where there is none. An index
 * of origin `pk` means that the key is a column of its own.
 */
function rowidColumn(all: All, table: string): string | undefined {
  const keys = all(`pragma table_info(${quote(table)})`).filter(({ pk }) => Number(pk) > 0);
  if (keys.length !== 1 || !same(text(keys[0]?.['type']), 'integer')) return undefined;
  return all(`pragma index_list(${quote(table)})`).some(({ origin }) => origin === 'pk')
    ? undefined
    : text(keys[0]?.['name']);
}

function indexed(all: All, table: string, column: string): boolean {
  return all(`pragma index_list(${quote(table)})`)
    .filter(({ partial }) => Number(partial) === 0)
    .some(({ name }) =>
      same(text(all(`pragma index_info(${quote(text(name))})`)[0]?.['name']), column),
    );
}
