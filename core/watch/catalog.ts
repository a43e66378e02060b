import { backupPrefix, type Manifest } from '../format/manifest.ts';
import { chainOf, verified } from '../catalog/chain.ts';
import { missingOrChanged } from '../catalog/intact.ts';
import { heldIds } from '../catalog/retention.ts';
import type { Finding, WatchCheck } from '../documents/finding.ts';
import { ok, plural } from './finding.ts';

type CatalogFinding = Finding<WatchCheck>;

/** What the catalog of a database lists. */
export type CatalogFacts = {
  readonly name: string;
  readonly manifests: readonly Manifest[];
  readonly damaged: readonly { readonly id: string; readonly message: string }[];
  readonly objects: ReadonlyMap<
    string,
    { readonly size: number; readonly crc32c?: string | undefined; readonly held: boolean }
  >;
  /** A backup is running, so that its objects and holds are not complete yet. */
  readonly busy: boolean;
};

/** Whether the newest backup and its chain are complete, and every manifest is readable. */
export function judgeObjects(facts: CatalogFacts): CatalogFinding[] {
  const { name, manifests, damaged } = facts;
  const hint = `Run \`lifeboat verify ${name} --read-data\`, and make a full backup now: \`lifeboat backup ${name} --kind full\`.`;
  const fault = (about: string, detail: string): CatalogFinding => ({
    check: 'objects',
    about,
    level: 'fault',
    detail,
    hint,
  });
  const unreadable = damaged.map(({ id, message }) => `${id}: ${message}`);
  const findings = damaged.length > 0 ? [fault('manifest', few(unreadable))] : [];
  const newest = verified(manifests).at(-1);
  if (!newest) return findings;
  const chain = chainOf(manifests, newest);
  if (!chain)
    return [
      ...findings,
      fault('chain', `a parent of the newest backup ${newest.id} is missing or damaged`),
    ];
  const problems = chain.flatMap((each) => missingOrChanged(facts.objects, each));
  if (problems.length > 0)
    return [
      ...findings,
      fault('object', `the newest backup ${newest.id} is damaged: ${few(problems)}`),
    ];
  return findings.length > 0
    ? findings
    : [
        ok(
          'objects',
          `all ${plural(chain.length, 'backup')} in the chain of ${newest.id} are complete`,
        ),
      ];
}

/**
 * Whether exactly the newest two backups and their chains are held: without a hold they may expire,
 * and with a hold an older backup never does.
 */
export function judgeHolds({
  name,
  manifests,
  damaged,
  objects,
  busy,
}: CatalogFacts): CatalogFinding[] {
  if (busy) return [ok('holds', 'not checked while a backup is running')];
  const heldBackups = heldIds(manifests);
  const free = manifests
    .filter(({ id }) => heldBackups.has(id))
    .flatMap((each) => [
      `${backupPrefix(name, each.id)}manifest.json`,
      ...each.objects.map(({ key }) => key),
    ])
    .filter((key) => objects.get(key)?.held === false);
  // A backup whose manifest is unreadable may belong to a held chain.
  const unknown = new Set(damaged.map(({ id }) => id));
  const excess = [...objects].flatMap(([key, { held }]) => {
    const id = key.split('/')[2] ?? '';
    return held && !heldBackups.has(id) && !unknown.has(id) ? [key] : [];
  });
  const findings: CatalogFinding[] = [];
  if (free.length > 0)
    findings.push({
      check: 'holds',
      about: 'missing',
      level: 'fault',
      detail: `${plural(free.length, 'object')} of the newest two backups have no hold, so they may expire: ${few(free)}`,
      hint: `Run \`lifeboat backup ${name}\` to set the holds, and find out who released them.`,
    });
  if (excess.length > 0)
    findings.push({
      check: 'holds',
      about: 'excess',
      level: 'fault',
      detail: `${plural(excess.length, 'object')} of older backups have a hold, so they never expire: ${few(excess)}`,
      hint: `Run \`lifeboat backup ${name}\` to release the holds, and find out who set them: they cost money and may be the work of an intruder.`,
    });
  return findings.length > 0
    ? findings
    : [ok('holds', `${plural(heldBackups.size, 'backup')} held`)];
}

function few(parts: readonly string[]): string {
  return `${parts.slice(0, 3).join('; ')}${parts.length > 3 ? `; and ${parts.length - 3} more` : ''}`;
}
