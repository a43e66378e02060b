import { isNode, type Document, type LineCounter } from 'yaml';
import type { z } from 'zod';
import type { ConfigProblem } from './consistency.ts';
import { nearest } from './nearest.ts';

type Schema = {
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
};
type Path = readonly (string | number)[];

// Secrets that people write into the file, and the variables that they belong in. An error never
// repeats the value.
const SECRET_VARIABLES: Readonly<Record<string, string>> = {
  'notify.slack.url': 'SLACK_WEBHOOK_URL',
  'notify.slack.webhook': 'SLACK_WEBHOOK_URL',
  'notify.telegram.token': 'TELEGRAM_BOT_TOKEN',
  'notify.ntfy.token': 'NTFY_TOKEN',
  'notify.discord.url': 'DISCORD_WEBHOOK_URL',
  'notify.teams.url': 'TEAMS_WEBHOOK_URL',
  'notify.webhook.secret': 'LIFEBOAT_WEBHOOK_SECRET',
  'notify.email.apiKey': 'SENDGRID_API_KEY',
  'notify.email.smtp': 'SMTP_URL',
  'encryption.identity': 'LIFEBOAT_IDENTITY',
  'encryption.key': 'LIFEBOAT_KEY',
  'ssh.key': 'LIFEBOAT_SSH_KEY',
  'https.token': 'LIFEBOAT_HTTPS_TOKEN',
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** The issues of the schema in the words of this project, one for each key. */
export function schemaProblems(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  schema: Record<string, unknown>,
): ConfigProblem[] {
  return issues.flatMap((issue): ConfigProblem[] => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(schema as Schema, path, key));
    if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path, message }));
    return [{ path, message: issueMessage(issue, valueAt(value, path)) }];
  });
}

/**
 * `databases.shop.retention.daily (line 7): must be at least 1`, or ``unknown key `databses` (line
 * 4). Did you mean `databases`?``
 */
export function formatProblem(
  { path, message, isUnknownKey = false }: ConfigProblem,
  document: Document,
  lines: LineCounter,
): string {
  const key = path.map(String).join('.') || 'the file';
  const line = lineOf(path, document, lines);
  const place = line === undefined ? '' : ` (line ${line})`;
  return isUnknownKey ? `unknown key \`${key}\`${place}. ${message}` : `${key}${place}: ${message}`;
}

/** The line of a key. A missing key has none, so its nearest parent counts. */
function lineOf(path: Path, document: Document, lines: LineCounter): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function issueMessage(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is empty: add a value, or remove the key';
  if (issue.code === 'invalid_type') {
    const quotes = issue.expected === 'string' && typeof value !== 'object';
    const type = TYPE_NAMES[issue.expected] ?? issue.expected;
    return `must be ${type}${quotes ? ': put it in quotes' : ''}`;
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const similar = typeof value === 'string' ? nearest(value, values) : undefined;
    return `must be one of ${values.join(', ')}${similar ? `. Did you mean \`${similar}\`?` : ''}`;
  }
  if (issue.code === 'too_big' && issue.message.startsWith('Too '))
    return `must be at most ${issue.maximum}`;
  if (issue.code === 'too_small' && issue.message.startsWith('Too '))
    return `must be at least ${issue.minimum}`;
  return issue.message;
}

function unknownKey(schema: Schema, path: Path, key: string): ConfigProblem {
  const whole = [...path, key].join('.');
  const variable = Object.entries(SECRET_VARIABLES).find(
    ([place]) => whole === place || whole.endsWith(`.${place}`),
  )?.[1];
  const keys = Object.keys(schemaAt(schema, path)?.properties ?? {});
  const similar = nearest(key, keys);
  const message = variable
    ? `Set this secret in the environment variable ${variable}.`
    : similar
      ? `Did you mean \`${similar}\`?`
      : keys.length > 0
        ? `Possible keys: ${keys.join(', ')}.`
        : 'Remove it.';
  return { path: [...path, key], message, isUnknownKey: true };
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
