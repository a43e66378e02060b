/** A database file that settings name, relative to one of the folders above the settings. */
export type SettingsFile = { readonly parts: readonly string[] };

const STRING_LITERAL = /(['"])((?:(?!\1)[^\\\r\n])*)\1/g;

const GENERIC = /^(db|data|database|app|main|production|development|default|primary|sqlite|site)$/i;

// As SQLite stores the statement that created the table.
const MIGRATION_TABLES = [
  ['django', /CREATE TABLE (?:IF NOT EXISTS )?"?django_migrations"?/],
  ['rails', /CREATE TABLE (?:IF NOT EXISTS )?"?ar_internal_metadata"?/],
] as const;

/**
 * The files that Django's settings name, found without running them: `BASE_DIR / "db.sqlite3"`,
 * `os.path.join(BASE_DIR, "data", "db.sqlite3")` or a plain string. Leaves out names that are
 * computed in another way.
 */
export function djangoFiles(settings: string): SettingsFile[] {
  // Within a line: `\s` would read on over empty lines, again from each of them.
  const code = settings.replace(/^[^\S\n]*#.*$/gm, '');
  const engines = [...code.matchAll(/['"]ENGINE['"]\s*:\s*['"]django\.db\.backends\.sqlite3['"]/g)];
  const files = engines.flatMap(({ index }) => {
    // The settings of one database are in one pair of braces.
    const open = code.lastIndexOf('{', index);
    const end = code.indexOf('}', index);
    const block = code.slice(open, end === -1 ? undefined : end);
    const [, value = ''] = /['"]NAME['"]\s*:\s*([^\r\n]+)/.exec(block) ?? [];
    if (/environ|getenv|config\(|env\(|:memory:/.test(value)) return [];
    const parts = stringsIn(value).flatMap((text) => text.split('/'));
    return parts.length === 0 ? [] : [{ parts }];
  });
  return files.filter(({ parts }) => parts.every((part) => part !== '..'));
}

/** The files of the production section of Rails' database.yml, or of all sections without one. */
export function railsFiles(text: string): SettingsFile[] {
  const lines = text.split(/\r?\n/);
  const all: { section: string; path: string }[] = [];
  let section = '';
  for (const line of lines) {
    section = /^([a-z_]+):/.exec(line)?.[1] ?? section;
    const path = /^\s+database:\s*["']?([^\s"'#<>]+\.(?:sqlite3?|db))["']?\s*(?:#.*)?$/.exec(
      line,
    )?.[1];
    // Caches can be computed again, and messages of Action Cable do not last.
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
 * A name for the configuration: the stem of the file, or the name of its folder when the stem is a
 * generic one such as `db`. Different from all `usedNames`.
 */
export function nameFor(
  path: readonly string[],
  fallback: string,
  usedNames: ReadonlySet<string>,
): string {
  const toName = (text: string): string =>
    text
      .replaceAll(/[^a-z0-9_-]+/gi, '-')
      .replaceAll(/^[-_]+|-+$/g, '')
      .slice(0, 40);
  const stem = toName((path.at(-1) ?? '').replace(/\.[^.]*$/, ''));
  const folders = [fallback, ...path.slice(0, -1)].filter(
    (each) => !/^(pb_data|storage|data|db|database|instance|var|config|src)$/i.test(each),
  );
  const base = (GENERIC.test(stem) ? toName(folders.at(-1) ?? '') : stem) || stem || 'database';
  let name = base;
  for (let n = 2; usedNames.has(name.toLowerCase()); n += 1) name = `${base}-${n}`;
  return name;
}

/** The framework whose migrations table appears at the start of a database file. */
export function frameworkOf(start: string): 'django' | 'rails' | undefined {
  return MIGRATION_TABLES.find(([, pattern]) => pattern.test(start))?.[0];
}

function stringsIn(code: string): string[] {
  return [...code.matchAll(STRING_LITERAL)].map(([, , text = '']) => text);
}
