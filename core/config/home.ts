/** The unparsed values with `~/` expanded in every path. */
export function expandPaths(value: unknown, home: string | undefined): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const config = { ...(value as Record<string, unknown>) };
  const expand = (each: unknown): unknown =>
    typeof each === 'string' ? expandHome(each, home) : each;
  if (config['store'] !== undefined) config['store'] = expand(config['store']);
  if (Array.isArray(config['copies'])) config['copies'] = config['copies'].map(expand);
  const { databases } = config;
  if (typeof databases === 'object' && databases !== null && !Array.isArray(databases))
    config['databases'] = Object.fromEntries(
      Object.entries(databases).map(([name, each]: [string, unknown]) =>
        typeof each === 'object' && each !== null && 'source' in each
          ? [name, { ...each, source: expand(each.source) }]
          : [name, each],
      ),
    );
  return config;
}

/** `~/backups` as a path below `home`. Any other text stays as it is. */
export function expandHome(text: string, home: string | undefined): string {
  return home !== undefined && /^~(\/|$)/.test(text) ? `${home}${text.slice(1)}` : text;
}
