import { isNode, type Document, type LineCounter } from 'yaml';
import type { z } from 'zod';
import type { Fault } from './consistency.ts';
import { nearest } from './nearest.ts';

type Schema = {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
};
type Path = readonly (string | number)[];

// What people write into the file that belongs into the environment; the value itself is never
// repeated.
const SECRETS: Readonly<Record<string, string>> = {
  'notify.slack.url': 'SLACK_WEBHOOK_URL',
  'notify.slack.webhook': 'SLACK_WEBHOOK_URL',
  'notify.telegram.token': 'TELEGRAM_BOT_TOKEN',
  'notify.webhook.secret': 'LIFEBOAT_WEBHOOK_SECRET',
  'notify.email.apiKey': 'SENDGRID_API_KEY',
  'notify.email.smtp': 'SMTP_URL',
  'encryption.identity': 'LIFEBOAT_IDENTITY',
  'encryption.key': 'LIFEBOAT_KEY',
  'ssh.key': 'LIFEBOAT_SSH_KEY',
  'https.token': 'LIFEBOAT_HTTPS_TOKEN',
};

const NAMES: Readonly<Record<string, string>> = {
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** What a schema found, one fault for each key, in the words of this project. */
export function schemaFaults(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  schema: Record<string, unknown>,
): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(schema as Schema, path, key));
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
    const given = valueAt(value, path);
    if (given === undefined) return [{ path, message: 'is missing' }];
    if (given === null) return [{ path, message: 'is empty: fill it, or remove the key' }];
    if (issue.code === 'invalid_type') {
      const wanted = NAMES[issue.expected] ?? issue.expected;
      return [
        {
          path,
          message: `must be ${wanted}${issue.expected === 'string' && typeof given !== 'object' ? ': put it in quotes' : ''}`,
        },
      ];
    }
    if (issue.code === 'invalid_value') {
      const meant =
        typeof given === 'string' ? nearest(given, issue.values.map(String)) : undefined;
      return [
        {
          path,
          message: `must be one of ${issue.values.map(String).join(', ')}${meant ? `; did you mean ${meant}?` : ''}`,
        },
      ];
    }
    if (issue.code === 'too_big' || issue.code === 'too_small') {
      const said = issue.message.startsWith('Too ')
        ? `must be at ${issue.code === 'too_big' ? `most ${issue.maximum}` : `least ${issue.minimum}`}`
        : issue.message;
      return [{ path, message: said }];
    }
    return [{ path, message: issue.message }];
  });
}

/** `databases.shop.retention.daily (line 7): must be at least 1` */
export function tell({ path, message }: Fault, document: Document, lines: LineCounter): string {
  const name = path.map(String).join('.') || 'the file';
  // A key that is missing has no line; its nearest parent does.
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (!isNode(node) || !node.range) continue;
    return `${name} (line ${lines.linePos(node.range[0]).line}): ${message}`;
  }
  return `${name}: ${message}`;
}

function unknownKey(schema: Schema, path: Path, key: string): Fault {
  const whole = [...path, key].join('.');
  const secret = Object.entries(SECRETS).find(
    ([place]) => whole === place || whole.endsWith(`.${place}`),
  )?.[1];
  const known = Object.keys(schemaAt(schema, path)?.properties ?? {});
  const meant = nearest(key, known);
  const more = secret
    ? `: it is a secret, and comes from ${secret}`
    : meant
      ? `; did you mean ${meant}?`
      : known.length > 0
        ? `; there are ${known.join(', ')}`
        : '';
  return { path: [...path, key], message: `is not a key here${more}` };
}

function schemaAt(schema: Schema, path: Path): Schema | undefined {
  let at: Schema | undefined = schema;
  for (const step of path) {
    const branch: Schema | undefined =
      at?.anyOf?.find(({ properties, items }) => properties ?? items) ?? at;
    const other: Schema | boolean | undefined = branch?.additionalProperties;
    at =
      typeof step === 'number'
        ? branch?.items
        : (branch?.properties?.[step] ?? (typeof other === 'object' ? other : undefined));
  }
  return at?.anyOf?.find(({ properties }) => properties) ?? at;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path)
    at =
      typeof at === 'object' && at !== null
        ? (at as Record<string | number, unknown>)[step]
        : undefined;
  return at;
}
