/**
 * A database file that an application's settings name; relative to one of the folders above the
 * settings.
 */
export type Named = { readonly parts: readonly string[] };

const TEXT = /(['"])((?:(?!\1)[^\\\r\n])*)\1/g;

const GENERIC = /^(db|data|database|app|main|production|development|default|primary|sqlite|site)$/i;

// As SQLite stores the statement that made the table.
const BOOKKEEPING = [
  ['django', /CREATE TABLE (?:IF NOT EXISTS )?"?django_migrations"?/],
  ['rails', /CREATE TABLE (?:IF NOT EXISTS )?"?ar_internal_metadata"?/],
] as const;

/**
 * The files that Django's settings name, without running them: `BASE_DIR / "db.sqlite3"`,
 * `os.path.join(BASE_DIR, "data", "db.sqlite3")`, a plain text. What is computed in any other way
 * is left out.
 */
export function djangoNames(settings: string): Named[] {
  const code = settings.replace(/^\s*#.*$/gm, '');
  const engines = [...code.matchAll(/['"]ENGINE['"]\s*:\s*['"]django\.db\.backends\.sqlite3['"]/g)];
  const found = engines.flatMap(({ index }) => {
    // The settings of one database stand in one pair of braces.
    const open = code.lastIndexOf('{', index);
    const end = code.indexOf('}', index);
    const block = code.slice(open, end === -1 ? undefined : end);
    const [, value = ''] = /['"]NAME['"]\s*:\s*([^\r\n]+)/.exec(block) ?? [];
    if (/environ|getenv|config\(|env\(|:memory:/.test(value)) return [];
    const parts = texts(value).flatMap((text) => text.split('/'));
    return parts.length === 0 ? [] : [{ parts }];
  });
  return found.filter(({ parts }) => parts.every((part) => part !== '..'));
}

/**
 * The files of the production section of Rails' database.yml, or of all sections when it names
 * none.
 */
export function railsNames(text: string): Named[] {
  const lines = text.split(/\r?\n/);
  const all: { section: string; path: string }[] = [];
  let section = '';
  for (const line of lines) {
    section = /^([a-z_]+):/.exec(line)?.[1] ?? section;
    const path = /^\s+database:\s*["']?([^\s"'#<>]+\.(?:sqlite3?|db))["']?\s*(?:#.*)?$/.exec(
      line,
    )?.[1];
    // What can be computed again, and what passes, is no data.
    if (
      path !== undefined &&
      !/_(cache|cable)\./.test(path) &&
      !path.startsWith('/') &&
      !path.includes('..')
    )
      all.push({ section, path });
  }
  const production = all.filter((each) => each.section === 'production');
  return (production.length > 0 ? production : all).map(({ path }) => ({ parts: path.split('/') }));
}

/**
 * A name for the configuration: the stem of the file, or that of the folder where the stem says
 * nothing. Different from those that are `taken`.
 */
export function nameFor(
  path: readonly string[],
  fallback: string,
  taken: ReadonlySet<string>,
): string {
  const clean = (text: string): string =>
    text
      .replaceAll(/[^a-z0-9_-]+/gi, '-')
      .replaceAll(/^[-_]+|-+$/g, '')
      .slice(0, 40);
  const stem = clean((path.at(-1) ?? '').replace(/\.[^.]*$/, ''));
  const folders = [fallback, ...path.slice(0, -1)].filter(
    (each) => !/^(pb_data|storage|data|db|database|instance|var|config|src)$/i.test(each),
  );
  const base = (GENERIC.test(stem) ? clean(folders.at(-1) ?? '') : stem) || stem || 'database';
  let name = base;
  for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${base}-${n}`;
  return name;
}

/** The framework whose bookkeeping stands in the beginning of a database file, read as text. */
export function frameworkOf(beginning: string): 'django' | 'rails' | undefined {
  return BOOKKEEPING.find(([, pattern]) => pattern.test(beginning))?.[0];
}

function texts(code: string): string[] {
  return [...code.matchAll(TEXT)].map(([, , text = '']) => text);
}
