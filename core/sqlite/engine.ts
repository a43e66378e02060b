/** An SQL engine over one database file. */
export type Engine = {
  readonly name: 'sql.js' | 'node:sqlite';
  readonly version: string;
  readonly all: All;
  /** How many rows a statement gives, without keeping them. */
  readonly count: (sql: string) => number;
  /**
   * The findings of `integrity_check` of each of these tables, by threads of their own; absent where
   * that is not worth its price.
   */
  readonly checkTables?: ((tables: SeparateTables) => Promise<string[]>) | undefined;
};

/** Tables to check one by one, those with the most rows first. */
export type SeparateTables = {
  readonly names: readonly string[];
  /** How many of them are large beside the largest. */
  readonly large: number;
};

export type Row = Readonly<Record<string, unknown>>;
/** Runs a statement and gives its rows. */
export type All = (sql: string) => Row[];

export type TableEntry = {
  readonly name: string;
  readonly type: 'table' | 'virtual' | 'view' | 'shadow';
  readonly withoutRowid: boolean;
};

/**
 * The tables and views, by name. From the pragma as a statement: a table called `pragma_table_list`
 * would take the place of the function of that name.
 */
export function tableList(all: All, schema = 'main'): TableEntry[] {
  return all(`pragma ${schema}.table_list`)
    .map((row) => ({
      name: columnText(row['name']),
      type: columnText(row['type']) as TableEntry['type'],
      withoutRowid: Number(row['wr']) !== 0,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The rows of a pragma about one table or index. */
export function pragmaRows(all: All, pragma: string, name: string, schema = 'main'): Row[] {
  return all(`pragma ${pragmaOn(pragma, name, schema)}`);
}

export function pragmaOn(pragma: string, name: string, schema = 'main'): string {
  return `${schema}.${pragma}(${quoteName(name)})`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function columnText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : '';
}
