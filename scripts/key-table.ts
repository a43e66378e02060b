type Schema = {
  title?: string;
  description?: string;
  type?: string;
  default?: unknown;
  const?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  anyOf?: Schema[];
  items?: Schema;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
};
type Key = { path: string; schema: Schema; required: boolean };

export const KEYS = /<!-- keys of (.*) -->\n[\s\S]*?<!-- end -->/g;

/** The keys below `section` that are in no narrower section, as a table in Markdown. */
export function keyTable(schema: object, section: string, sections: readonly string[]): string {
  const below = (path: string, other: string): boolean =>
    other === '' || path.startsWith(`${other}.`);
  const narrower = sections.filter((other) => other !== section && below(`${other}.`, section));
  const rows = keysOf(schema as Schema)
    .filter(({ path }) => below(path, section) && !narrower.some((other) => below(path, other)))
    .map((key) => {
      const name = section === '' ? key.path : key.path.slice(section.length + 1);
      return `| \`${name}\` | ${typeOf(key.schema)} | ${defaultOf(key, name)} | ${key.schema.description ?? ''} |`;
    });
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** A page whose tables of keys are those of the schema. */
export function withTables(page: string, schema: object): string {
  const sections = [...page.matchAll(KEYS)].map(([, section = '']) =>
    section === 'the file' ? '' : section,
  );
  return page.replaceAll(KEYS, (_, name: string) => {
    const section = name === 'the file' ? '' : name;
    return `<!-- keys of ${name} -->\n${keyTable(schema, section, sections)}\n<!-- end -->`;
  });
}

/** Every key of the configuration, in the order of its definition. */
function keysOf(schema: Schema, path = '', required = new Set(schema.required)): Key[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, each]): Key[] => {
    const at = path === '' ? name : `${path}.${name}`;
    const own: Key = { path: at, schema: each, required: required.has(name) };
    const { additionalProperties: other, items } = each;
    if (typeof other === 'object') return [own, ...keysOf(other, `${at}.<name>`)];
    return [own, ...(items?.properties ? keysOf(items, `${at}[]`) : keysOf(each, at))];
  });
}

function propertiesOf({ properties, anyOf }: Schema): Record<string, Schema> {
  return properties ?? anyOf?.find((each) => each.properties)?.properties ?? {};
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.anyOf)
    return [...new Set(schema.anyOf.filter(({ type }) => type !== 'null').map(typeOf))].join(
      ' or ',
    );
  if (schema.items)
    return schema.items.properties ? 'list of blocks' : `list (${schema.items.title ?? 'text'})`;
  if (schema.type === 'integer')
    return schema.maximum !== undefined && schema.maximum <= 1e9
      ? `${schema.minimum} to ${schema.maximum}`
      : 'whole number';
  if (schema.type === 'boolean') return '`true`, `false`';
  return schema.title ?? (schema.type === 'object' ? 'block' : 'text');
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function defaultOf({ schema, required }: Key, name: string): string {
  if (required) return requiredIn(name);
  if (
    schema.default === undefined ||
    (typeof schema.default === 'object' && Object.keys(schema.default ?? {}).length === 0)
  )
    return '';
  return code(schema.default);
}

/** A key of an optional block is required only where the block is. */
function requiredIn(name: string): string {
  const block = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
  return block === '' ? 'required' : `required in \`${block}\``;
}
