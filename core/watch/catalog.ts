import { backupPrefix, type Manifest } from '../format/manifest.ts';
import { bucketFindings } from './bucket.ts';
import { chainOf, verified } from '../catalog/chain.ts';
import { heldIds } from '../catalog/retention.ts';
import { alarm, ok, type WatchVerdict } from './verdicts.ts';
import type { BucketFacts } from '../documents/bucket.ts';

export type Seen = { readonly size: number; readonly crc32c?: string; readonly held: boolean };
export type CatalogFacts = {
  readonly name: string;
  readonly manifests: readonly Manifest[];
  readonly damaged: readonly { readonly id: string; readonly message: string }[];
  readonly objects: ReadonlyMap<string, Seen>;
  /** Whether a backup is being made: then what it writes is not complete yet. */
  readonly busy: boolean;
};

/** Whether the newest backup and all that it needs are there, whole, and every manifest can be read. */
export function objectsVerdict(facts: CatalogFacts): WatchVerdict[] {
  const { name, manifests, damaged } = facts;
  const restore = `Run \`lifeboat verify ${name} --read-data\`, and make a full backup now: \`lifeboat backup ${name} --kind full\`.`;
  const unreadable = damaged.map(({ id, message }) => `${id}: ${message}`);
  const verdicts: WatchVerdict[] =
    damaged.length > 0 ? [alarm(name, 'objects', 'manifest', few(unreadable), restore)] : [];
  const newest = verified(manifests).at(-1);
  if (!newest) return verdicts;
  const chain = chainOf(manifests, newest);
  if (!chain)
    return [
      ...verdicts,
      alarm(
        name,
        'objects',
        'chain',
        `an ancestor of the newest backup ${newest.id} is missing or damaged`,
        restore,
      ),
    ];
  const faults = chain.flatMap((each) => objectFaults(facts, each));
  if (faults.length > 0)
    return [
      ...verdicts,
      alarm(
        name,
        'objects',
        'object',
        `the newest backup ${newest.id} is damaged: ${few(faults)}`,
        restore,
      ),
    ];
  return verdicts.length > 0
    ? verdicts
    : [ok(name, 'objects', `${newest.id} and its chain of ${chain.length} are whole`)];
}

/** Whether the newest two backups and their chains are held, and nothing else: without the one they expire, with the other nothing does. */
export function holdsVerdict({
  name,
  manifests,
  damaged,
  objects,
  busy,
}: CatalogFacts): WatchVerdict[] {
  if (busy) return [ok(name, 'holds', 'a backup is being made; looked at the next time')];
  const wanted = heldIds(manifests);
  const free = manifests
    .filter(({ id }) => wanted.has(id))
    .flatMap((each) => [
      `${backupPrefix(name, each.id)}manifest.json`,
      ...each.objects.map(({ key }) => key),
    ])
    .filter((key) => objects.get(key)?.held === false);
  // Whether one that cannot be read belongs to a chain is not known.
  const unknown = new Set(damaged.map(({ id }) => id));
  const excess = [...objects].filter(([key, { held }]) => {
    const id = key.split('/')[2] ?? '';
    return held && !wanted.has(id) && !unknown.has(id);
  });
  const verdicts: WatchVerdict[] = [];
  if (free.length > 0)
    verdicts.push(
      alarm(
        name,
        'holds',
        'missing',
        `${free.length} objects of the newest two backups carry no hold, so they may expire: ${few(free)}`,
        `Run \`lifeboat backup ${name}\`, which sets the holds, and find out who released them.`,
      ),
    );
  if (excess.length > 0)
    verdicts.push(
      alarm(
        name,
        'holds',
        'excess',
        `${excess.length} objects are held for no reason, so they never expire: ${few(excess.map(([key]) => key))}`,
        `Run \`lifeboat backup ${name}\`, which releases them, and find out who set them: it costs money, and may be what an intruder leaves.`,
      ),
    );
  return verdicts.length > 0 ? verdicts : [ok(name, 'holds', `${wanted.size} backups are held`)];
}

/** A bucket whose settings drifted. Advice is a warning: it costs money and loses nothing. */
export function bucketVerdicts(facts: BucketFacts, prefix: string): WatchVerdict[] {
  const findings = bucketFindings(facts, prefix);
  if (findings.length === 0)
    return [ok(null, 'bucket', `the settings of ${facts.name} are as expected`)];
  return findings.map(({ level, message, hint }) => ({
    database: null,
    check: 'bucket',
    result: level === 'fault' ? 'alarm' : 'warning',
    about: message.slice(0, 100),
    detail: message,
    hint,
  }));
}

/** What a further store lacks. `missing`: backups that the first store has and it has not. */
export function copyVerdict(
  name: string,
  url: string,
  missing: number | { readonly error: string },
  busy: boolean,
): WatchVerdict {
  const hint = `See whether ${url} can be reached and has space; the next \`lifeboat backup ${name}\` copies what is missing.`;
  if (typeof missing !== 'number')
    return alarm(name, 'copies', url, `the copy in ${url} cannot be read: ${missing.error}`, hint);
  if (missing === 0) return ok(name, 'copies', `${url} has every backup`, url);
  if (busy) return ok(name, 'copies', `${url} is being brought up to date`, url);
  return alarm(
    name,
    'copies',
    url,
    `the copy in ${url} lacks ${missing} ${missing === 1 ? 'backup' : 'backups'}`,
    hint,
  );
}

function few(parts: readonly string[]): string {
  return `${parts.slice(0, 3).join('; ')}${parts.length > 3 ? `; and ${parts.length - 3} more` : ''}`;
}

/** What is wrong with the objects of one backup, by what the store says of them. */
function objectFaults({ objects }: CatalogFacts, manifest: Manifest): string[] {
  return manifest.objects.flatMap(({ key, size, crc32c }) => {
    const found = objects.get(key);
    if (!found) return [`${key} is missing`];
    if (found.size !== size) return [`${key} has ${found.size} bytes instead of ${size}`];
    return (found.crc32c ?? crc32c) === crc32c
      ? []
      : [`${key} has the CRC32C ${found.crc32c} instead of ${crc32c}`];
  });
}
