import type { Random } from '../soak/random.ts';

/** Numbers, texts and fragments at which parsers break. */
const TOKENS = [
  '0',
  '-1',
  '1e999',
  '9007199254740993',
  '18446744073709551616',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"__proto__"',
  '"constructor"',
  '[[1,1]]',
  '[1,9007199254740991]',
  '\\u0000',
  '\u{1F600}',
  '../..',
  '&a [*a, *a]',
  '!!binary x',
  '\r\n',
  '\u001b[2J',
  '"9999-12-31T23:59:59.999Z"',
  '%00',
  ': ',
  '- ',
].map((text) => Buffer.from(text));

/** A changed copy of one of the inputs; with `JSON`, also as structure. Follows from the random numbers. */
export function mutate(random: Random, inputs: readonly Uint8Array[]): Buffer {
  const source = Buffer.from(random.pick(inputs));
  if (random.chance(0.4)) {
    const changed = mutateJson(random, source);
    if (changed) return changed;
  }
  let bytes: Buffer = source;
  for (let left = random.between(1, 5); left > 0; left -= 1)
    bytes = mutateBytes(random, bytes, inputs);
  return bytes;
}

function mutateBytes(random: Random, bytes: Buffer, inputs: readonly Uint8Array[]): Buffer {
  const at = random.between(0, bytes.length + 1);
  const length = Math.min(random.between(1, 64), bytes.length - at);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random.between(0, 7)) {
    case 0: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 8));
      return copy;
    }
    case 1:
      return Buffer.concat([head, random.pick(TOKENS), tail]);
    case 2:
      return Buffer.concat([head, tail.subarray(length)]);
    case 3:
      return Buffer.from(head);
    case 4:
      return Buffer.concat([head, tail.subarray(0, length), tail]);
    case 5: {
      const other = Buffer.from(random.pick(inputs));
      return Buffer.concat([head, other.subarray(random.between(0, other.length + 1))]);
    }
    default: {
      const copy = Buffer.from(bytes);
      copy.fill(random.pick([0, 255, 127, 10]), at, at + length);
      return copy;
    }
  }
}

/** One value of a JSON document, or one key, becomes another; `undefined` for what is no JSON. */
function mutateJson(random: Random, bytes: Buffer): Buffer | undefined {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  const places: { readonly parent: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    for (const key of Object.keys(value)) {
      places.push({ parent: value as Record<string, unknown>, key });
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(document);
  if (places.length === 0) return undefined;
  const { parent, key } = random.pick(places);
  const change = random.between(0, 10);
  if (change < 2) delete parent[key];
  else if (change < 4) parent[random.pick(places).key] = structuredClone(parent[key]);
  else parent[key] = structuredClone(otherValue(random, parent[key], places));
  return Buffer.from(JSON.stringify(document));
}

function otherValue(
  random: Random,
  value: unknown,
  places: readonly { readonly parent: Record<string, unknown>; readonly key: string }[],
): unknown {
  if (typeof value === 'number' && random.chance(0.6))
    return random.pick([
      value + 1,
      value - 1,
      -value,
      value * 2 ** 32,
      0.5,
      Number.MAX_SAFE_INTEGER,
    ]);
  if (typeof value === 'string' && random.chance(0.4))
    return random.pick([
      `${value}x`,
      value.slice(1),
      value.toUpperCase(),
      '',
      '\u0000',
      value.repeat(50),
    ]);
  const other = random.pick(places);
  return random.pick([null, true, 0, -1, '', [], {}, [[]], other.parent[other.key]]);
}
