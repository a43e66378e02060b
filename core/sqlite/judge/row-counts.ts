import { columnText, quoteName, tableList, type Engine, type TableEntry } from '../engine.ts';
import { cannotJudge, errorText, shorten } from './findings.ts';
import type { Check } from '../types.ts';

/** Modules that read nothing but tables of their own. */
const OWN_TABLES =
  /^\s*create\s+virtual\s+table\b.*?\busing\s+["'`[]?(fts[345]|fts4aux|fts5vocab|rtree|rtree_i32|geopoly)\b/is;
// FTS takes any beginning of the word.
const CONTENT =
  /[(,]\s*c(?:o(?:n(?:t(?:e(?:nt?)?)?)?)?)?\s*=\s*(?:'([^']*)'|"([^"]*)"|\[([^\]]*)\]|`([^`]*)`|([^\s,)]*))/i;

/** Rows by table. What cannot be counted becomes a check. */
export function countRows(engine: Engine, checks: Check[]): Record<string, number> {
  const entries = tableList(engine.all);
  const definitions = new Map(
    engine
      .all("select name, sql from sqlite_schema where type = 'table'")
      .map((row) => [columnText(row['name']), columnText(row['sql'])]),
  );
  // Entries instead of assignments: a table may be called `__proto__`.
  const counts: [string, number][] = [];
  for (const { name, type } of entries) {
    if ((type !== 'table' && type !== 'virtual') || name.startsWith('sqlite_')) continue;
    if (type === 'virtual' && !readsOwnTables(name, definitions.get(name) ?? '', entries)) {
      const detail = `rows of the virtual table ${shorten(name)} are not counted: another object computes them`;
      checks.push({ name: 'tables', result: 'warning', engine: engine.name, detail });
      continue;
    }
    try {
      const [row] = engine.all(`select count(*) as n from main.${quoteName(name)}`);
      counts.push([name, Number(row?.['n'] ?? 0)]);
    } catch (error) {
      const unknown = type === 'virtual' || cannotJudge(errorText(error));
      checks.push({
        name: 'tables',
        result: unknown ? 'inconclusive' : 'failed',
        engine: engine.name,
        detail: `rows cannot be counted: ${shorten(errorText(error))}`,
      });
    }
  }
  return Object.fromEntries(counts);
}

/**
 * Whether counting the rows of a virtual table only reads tables. A view in their place could
 * compute without end.
 */
function readsOwnTables(name: string, definition: string, entries: readonly TableEntry[]): boolean {
  if (!OWN_TABLES.test(definition)) return false;
  const prefix = `${name}_`.toLowerCase();
  if (entries.some((each) => each.type === 'view' && each.name.toLowerCase().startsWith(prefix)))
    return false;
  const content =
    CONTENT.exec(definition)
      ?.slice(1)
      .find((each) => each !== undefined) ?? '';
  return (
    content === '' ||
    entries.some((each) => each.type === 'table' && isSameName(each.name, content))
  );
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
