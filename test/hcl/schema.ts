import { stringsIn, type Block, type Body, type Json } from './read.ts';

export type Attribute = {
  readonly required?: true;
  readonly optional?: true;
  readonly type?: string;
  readonly block?: true;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly range?: readonly [number, number];
  readonly attributes?: Attributes;
};
export type Attributes = Readonly<Record<string, Attribute>>;
export type Schema = Readonly<Record<string, Attributes>>;

const META = new Set(['count', 'for_each', 'depends_on', 'lifecycle', 'provider', 'dynamic']);
const isBody = (value: Json | undefined): value is Body =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const isExpression = (value: Json): boolean => typeof value === 'string' && value.includes('${');

const argumentFaults = (
  path: string,
  { type = '', enum: words, range }: Attribute,
  value: Json,
): string[] => {
  if (isExpression(value) || value === null) return [];
  const faults: string[] = [];
  if (words && typeof value === 'string' && !words.includes(value))
    faults.push(`${path}: "${value}" is none of ${words.join(', ')}`);
  if (range && typeof value === 'number' && (value < range[0] || value > range[1]))
    faults.push(`${path}: ${value} is not from ${range.join(' to ')}`);
  if (/^(bool|number|string)$/.test(type) && typeof value !== (type === 'bool' ? 'boolean' : type))
    faults.push(`${path}: is no ${type}`);
  if (/^(list|set)\(/.test(type) && !Array.isArray(value)) faults.push(`${path}: is no list`);
  if (type.startsWith('map(') && !isBody(value)) faults.push(`${path}: is no map`);
  return faults;
};

const bodyFaults = (path: string, attributes: Attributes, body: Body): string[] => {
  const dynamic = isBody(body['dynamic']) ? body['dynamic'] : {};
  const missing = Object.entries(attributes).filter(
    ([key, { required }]) => required === true && !(key in body) && !(key in dynamic),
  );
  return [
    ...missing.map(([key]) => `${path}.${key}: is required`),
    ...Object.entries(body).flatMap(([key, value]) =>
      META.has(key) ? [] : attributeFaults(`${path}.${key}`, attributes[key], value),
    ),
    ...Object.entries(dynamic).flatMap(([key, blocks]) => {
      const contents = (Array.isArray(blocks) ? blocks : []).flatMap((each): Json[] =>
        isBody(each) && Array.isArray(each['content']) ? each['content'] : [],
      );
      if (contents.length === 0) return [`${path}.dynamic ${key}: has no content`];
      return attributeFaults(`${path}.${key}`, attributes[key], contents);
    }),
  ];
};

const attributeFaults = (path: string, attribute: Attribute | undefined, value: Json): string[] => {
  if (!attribute) return [`${path}: there is no such attribute`];
  if (attribute.required !== true && attribute.optional !== true)
    return [`${path}: is for reading only`];
  if (attribute.block !== true) {
    const written =
      Array.isArray(value) && value.some(isBody) && !/object/.test(attribute.type ?? '');
    return written
      ? [`${path}: is written as a block, but is an argument`]
      : argumentFaults(path, attribute, value);
  }
  // The parser returns blocks as lists and an argument `x = {…}` as an object.
  if (!Array.isArray(value) || !value.every(isBody)) return [`${path}: must be a block`];
  const { attributes, maxItems = Infinity } = attribute;
  if (!attributes)
    return [`${path}: the test's schema does not have the inside of this block; add it there`];
  return [
    ...(value.length > maxItems ? [`${path}: at most ${maxItems}`] : []),
    ...value.flatMap((each) => bodyFaults(path, attributes, each)),
  ];
};

const subject = ({ kind, labels: [type = ''] }: Block): string | undefined =>
  kind === 'resource'
    ? type
    : kind === 'data'
      ? `data.${type}`
      : kind === 'provider'
        ? `provider.${type}`
        : undefined;

/** What the provider would refuse, with its location: unknown, missing and read-only attributes, blocks and arguments mixed up, wrong words and numbers. */
export const schemaFaults = (blocks: readonly Block[], schema: Schema): string[] =>
  blocks.flatMap((block) => {
    const name = subject(block);
    if (name === undefined) return [];
    const attributes = schema[name];
    const path = `${block.file} ${[name, ...block.labels.slice(1)].join('.')}`;
    return attributes
      ? bodyFaults(path, attributes, block.body)
      : [`${path}: the test's schema does not have it`];
  });

/** The number of attributes checked: a check of nothing finds nothing. */
export const attributesSeen = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, { body }) => sum + stringsIn(body).length, 0);
