import type { RowChange, RowValue, TableRows } from '../core/sqlite/row-diff/row-diff-types.ts';
import { ENGLISH, formatNumber } from '../core/lib/text/format.ts';

const DIGEST_CHARACTERS = 12;
// Colours, too, which the terminal otherwise shows: they would hide what is in the data.
const CONTROL = new RegExp(String.raw`[\u0000-\u001F\u007F]`, 'g');
const NAMED: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\t': String.raw`\t` };
const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** One line for each changed row, below a line for its table. */
export function rowChangesText(tables: readonly TableRows[]): string {
  if (tables.length === 0) return 'No row of a table in both backups has changed.\n';
  return tables.map(tableChangesText).join('\n');
}

/** One line of visible characters: a line feed in a name or a value must not look like another row. */
export function oneRow(text: string): string {
  return text.replace(CONTROL, (character) => NAMED[character] ?? unicodeEscape(character));
}

function tableChangesText(table: TableRows): string {
  const { name, key, problem, newColumns, goneColumns, rows } = table;
  if (problem !== null) return `${oneRow(name)}: not compared: ${problem}\n`;
  const changes = (['added', 'removed', 'changed'] as const).filter((each) => table[each] > 0);
  const counts = changes.map((each) => `${formatNumber(ENGLISH, table[each])} ${each}`);
  const by = key === 'rowid' ? ' (rows matched by rowid, which VACUUM may change)' : '';
  const rest = table.added + table.removed + table.changed - rows.length;
  const lines = [
    `${oneRow(name)}: ${counts.join(', ') || 'no row changed'}${by}`,
    ...columnsLine('new', newColumns),
    ...columnsLine('gone', goneColumns),
    ...rows.map(changeLine),
    ...(rest > 0 ? [`  … and ${formatNumber(ENGLISH, rest)} more: raise --limit`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function columnsLine(what: 'new' | 'gone', columns: readonly string[]): string[] {
  return columns.length === 0 ? [] : [`  ${what} columns: ${columns.map(oneRow).join(', ')}`];
}

function changeLine({ change, key, columns }: RowChange): string {
  const keyText = key.map(({ column, value }) => `${oneRow(column)}=${valueText(value)}`);
  const texts = columns.map(({ column, from, to }) =>
    change === 'changed'
      ? `${oneRow(column)}: ${valueText(from)} → ${valueText(to)}`
      : `${oneRow(column)}=${valueText(from ?? to)}`,
  );
  return `  ${SIGNS[change]} ${keyText.join(', ')}${texts.length === 0 ? '' : `  ${texts.join(', ')}`}`;
}

/** As SQL writes it, so that the number 1 and the text '1' look different. */
function valueText(value: RowValue | null): string {
  switch (value?.type) {
    case 'integer':
      return String(value.value);
    case 'real':
      return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
    case 'text': {
      const text = `'${oneRow(value.value).replaceAll("'", "''")}'`;
      return value.sha256 === undefined
        ? text
        : `${text}… (${value.length} characters, ${digestText(value.sha256)})`;
    }
    case 'blob':
      return `blob(${value.bytes} bytes, ${digestText(value.sha256)})`;
    default:
      return 'NULL';
  }
}

function digestText(sha256: string): string {
  return `sha256 ${sha256.slice(0, DIGEST_CHARACTERS)}`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
