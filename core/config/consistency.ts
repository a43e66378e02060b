import { parseStoreAddress, storeAddressFault, storeUrl } from './store-address.ts';
import { sourceKind } from './source-address.ts';

export type CrossOptions = {
  readonly base: string;
  readonly inCloud: boolean;
  /** A store named elsewhere, which takes the place of that of the file. */
  readonly store: string | undefined;
};

export type Fault = { readonly path: readonly (string | number)[]; readonly message: string };

/**
 * Faults between several keys. Works on what was written, so that they are found beside those of
 * single keys.
 */
export function crossFaults(value: unknown, options: CrossOptions): Fault[] {
  const config = record(value);
  const databases = record(config['databases']);
  const copies = Array.isArray(config['copies']) ? config['copies'] : [];
  const names = Object.keys(databases);
  return [
    ...storeFaults(textOf(config['store'], './backups'), copies, options),
    ...twins(names),
    ...names.flatMap((name) => databaseFaults(name, record(databases[name]), options.inCloud)),
  ];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function storeFaults(
  written: string,
  copies: readonly unknown[],
  { base, inCloud, store }: CrossOptions,
): Fault[] {
  const urlOf = (text: string): string | undefined =>
    storeAddressFault(text) === undefined ? storeUrl(parseStoreAddress(text, base)) : undefined;
  const isFolder = (text: string): boolean =>
    storeAddressFault(text) === undefined && parseStoreAddress(text, base).kind === 'directory';
  const faults: Fault[] = [];
  // --store may name one of the copies: that is how a copy is inspected.
  const own = store === undefined ? urlOf(written) : undefined;
  const seen = new Set(own === undefined ? [] : [own]);
  const at = store === undefined ? ['store'] : ['--store or LIFEBOAT_STORE'];
  const fault = store === undefined ? undefined : storeAddressFault(store);
  if (fault !== undefined) faults.push({ path: at, message: fault });
  if (inCloud && isFolder(store ?? written))
    faults.push({
      path: at,
      message: 'is a folder, which a cloud function does not keep: give gs://bucket',
    });
  for (const [index, copy] of copies.entries()) {
    const text = textOf(copy);
    const url = urlOf(text);
    if (url === undefined) continue;
    if (seen.has(url))
      faults.push({
        path: ['copies', index],
        message: url === own ? 'is the store itself' : 'is named twice',
      });
    if (inCloud && isFolder(text))
      faults.push({
        path: ['copies', index],
        message:
          'is a folder, which a cloud function does not keep: copies to folders are for hosts',
      });
    seen.add(url);
  }
  return faults;
}

function textOf(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

function twins(names: readonly string[]): Fault[] {
  return names.flatMap((name, at) => {
    const twin = names.slice(0, at).find((each) => each.toLowerCase() === name.toLowerCase());
    return twin === undefined
      ? []
      : [
          {
            path: ['databases', name],
            message: `differs from ${twin} only in case; many file systems do not tell them apart`,
          },
        ];
  });
}

function databaseFaults(
  name: string,
  database: Readonly<Record<string, unknown>>,
  inCloud: boolean,
): Fault[] {
  const faults: Fault[] = [];
  const add = (key: readonly string[], message: string) =>
    faults.push({ path: ['databases', name, ...key], message });
  const source = textOf(database['source']);
  const kind = source === '' ? undefined : sourceKind(source);
  if (kind === 'ssh' && record(database['ssh'])['hostKey'] === undefined)
    add(
      ['ssh', 'hostKey'],
      `is missing: an ssh source needs the server's key, as \`ssh-keyscan\` prints it; compare it with the server's own`,
    );
  for (const key of ['ssh', 'https'] as const)
    if (database[key] !== undefined && kind !== undefined && kind !== key)
      add(
        [key],
        `belongs to ${key}:// sources; this one is ${kind === 'file' ? 'a file' : `${kind}://`}`,
      );
  const https = record(database['https']);
  if (https['audience'] !== undefined && https['auth'] !== 'google')
    add(['https', 'audience'], 'is of use with auth: google only');
  if (inCloud && kind === 'file')
    add(
      ['source'],
      'is a file, which a cloud function does not have: give gs://, https:// or ssh://',
    );
  return faults;
}
