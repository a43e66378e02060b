import { parseStoreAddress, storeAddressProblem, storeUrl } from './store-address.ts';
import { sourceKind } from './source-address.ts';

export type CrossKeyOptions = {
  readonly base: string;
  readonly inCloud: boolean;
  /** A store from --store or LIFEBOAT_STORE, which overrides the file's. */
  readonly store: string | undefined;
};

export type ConfigProblem = {
  readonly path: readonly (string | number)[];
  /** What is wrong with the value; for an unknown key, a sentence that says what to do. */
  readonly message: string;
  readonly isUnknownKey?: boolean;
};

/**
 * Problems between several keys. Works on the unparsed values, so that they are reported together
 * with the problems of single keys.
 */
export function crossKeyProblems(value: unknown, options: CrossKeyOptions): ConfigProblem[] {
  const config = asRecord(value);
  const databases = asRecord(config['databases']);
  const copies = Array.isArray(config['copies']) ? config['copies'] : [];
  const names = Object.keys(databases);
  return [
    ...storeProblems(textOf(config['store'], './backups'), copies, options),
    ...sameNames(names),
    ...commandProblems(asRecord(config['notify']), options.inCloud),
    ...names.flatMap((name) => databaseProblems(name, asRecord(databases[name]), options.inCloud)),
  ];
}

function commandProblems(
  notify: Readonly<Record<string, unknown>>,
  inCloud: boolean,
): ConfigProblem[] {
  return inCloud && notify['command'] !== undefined
    ? [
        {
          path: ['notify', 'command'],
          message: 'works on a host only: a cloud function has no such program; use webhook',
        },
      ]
    : [];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function storeProblems(
  written: string,
  copies: readonly unknown[],
  { base, inCloud, store }: CrossKeyOptions,
): ConfigProblem[] {
  const urlOf = (text: string): string | undefined =>
    storeAddressProblem(text) === undefined ? storeUrl(parseStoreAddress(text, base)) : undefined;
  const isFolder = (text: string): boolean =>
    storeAddressProblem(text) === undefined && parseStoreAddress(text, base).kind === 'directory';
  const problems: ConfigProblem[] = [];
  // --store may name one of the copies, to look into that copy.
  const own = store === undefined ? urlOf(written) : undefined;
  const urls = new Set(own === undefined ? [] : [own]);
  const at = store === undefined ? ['store'] : ['--store or LIFEBOAT_STORE'];
  const problem = store === undefined ? undefined : storeAddressProblem(store);
  if (problem !== undefined) problems.push({ path: at, message: problem });
  if (inCloud && isFolder(store ?? written))
    problems.push({
      path: at,
      message: 'is a folder, which is lost when a cloud function ends: use gs://bucket',
    });
  for (const [index, copy] of copies.entries()) {
    const text = textOf(copy);
    const url = urlOf(text);
    if (url === undefined) continue;
    if (urls.has(url))
      problems.push({
        path: ['copies', index],
        message: url === own ? 'is the store itself' : 'is listed twice',
      });
    if (inCloud && isFolder(text))
      problems.push({
        path: ['copies', index],
        message:
          'is a folder, which is lost when a cloud function ends: only hosts can copy to folders',
      });
    urls.add(url);
  }
  return problems;
}

function textOf(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

function sameNames(names: readonly string[]): ConfigProblem[] {
  const byLowerCase = new Map<string, string>();
  return names.flatMap((name) => {
    const twin = byLowerCase.get(name.toLowerCase());
    if (twin === undefined) {
      byLowerCase.set(name.toLowerCase(), name);
      return [];
    }
    return [
      {
        path: ['databases', name],
        message: `differs from ${twin} only in case, which many file systems ignore: choose another name`,
      },
    ];
  });
}

function databaseProblems(
  name: string,
  database: Readonly<Record<string, unknown>>,
  inCloud: boolean,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (key: readonly string[], message: string) =>
    problems.push({ path: ['databases', name, ...key], message });
  const source = textOf(database['source']);
  const kind = source === '' ? undefined : sourceKind(source);
  if (kind === 'ssh' && asRecord(database['ssh'])['hostKey'] === undefined)
    add(
      ['ssh', 'hostKey'],
      `is missing: add the server's key, which \`ssh-keyscan\` prints, and compare it with the key on the server`,
    );
  for (const key of ['ssh', 'https'] as const)
    if (database[key] !== undefined && kind !== undefined && kind !== key)
      add(
        [key],
        `is for ${key}:// sources only; this one is ${kind === 'file' ? 'a file' : `${kind}://`}`,
      );
  const https = asRecord(database['https']);
  if (https['audience'] !== undefined && https['auth'] !== 'google')
    add(['https', 'audience'], 'works with `auth: google` only');
  if (inCloud && database['hooks'] !== undefined)
    add(['hooks'], 'work on a host only: a cloud function has no such programs; remove them here');
  if (inCloud && kind === 'file')
    add(
      ['source'],
      'is a file, which a cloud function cannot reach: use gs://, https:// or ssh://',
    );
  return problems;
}
