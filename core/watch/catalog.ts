import { backupPrefix, type Manifest } from '../format/manifest.ts';
import { chainOf, sequenceOf, verified } from '../catalog/chain.ts';
import { heldIds } from '../catalog/retention.ts';
import {
  candidatesOf,
  faultsIn,
  futureOf,
  futureText,
  holdsOf,
  objectProblems,
  type Judged,
} from '../catalog/soundness.ts';
import type { StoredObject } from '../store/store.ts';
import type { Finding, WatchFinding } from '../documents/finding.ts';
import { okFinding, counted } from './finding.ts';

/** What the catalog of a database lists. */
export type CatalogFacts = Omit<Judged, 'objects'> & {
  readonly name: string;
  readonly damaged: readonly { readonly id: string; readonly message: string }[];
  readonly objects: ReadonlyMap<string, Pick<StoredObject, 'size' | 'crc32c' | 'held'>>;
  /** A backup is running, so that its objects and holds are not complete yet. */
  readonly busy: boolean;
};

/** Whether the newest backup and its chain are complete, and every manifest is readable. */
export function judgeObjects(facts: CatalogFacts): WatchFinding[] {
  const { name, manifests, damaged } = facts;
  const hint = `Run \`lifeboat verify ${name} --read-data\`, and make a full backup now: \`lifeboat backup ${name} --kind full\`.`;
  const fault = (about: string, detail: string): WatchFinding => ({
    check: 'objects',
    about,
    level: 'fault',
    detail,
    hint,
  });
  const unreadable = damaged.map(({ id, message }) => `${id}: ${message}`);
  const findings = damaged.length > 0 ? [fault('manifest', firstFew(unreadable))] : [];
  const newest = verified(candidatesOf(facts)).at(-1);
  if (!newest) return findings;
  findings.push(...judgeOlder(facts, newest));
  const chain = chainOf(manifests, newest);
  if (!chain)
    return [
      ...findings,
      fault('chain', `a parent of the newest backup ${newest.id} is missing or damaged`),
    ];
  const problems = chain.flatMap((each) => objectProblems(facts.objects, each));
  if (problems.length > 0)
    return [
      ...findings,
      fault('object', `the newest backup ${newest.id} is damaged: ${firstFew(problems)}`),
    ];
  const doubt = faultsIn(facts).get(newest.id);
  if (doubt?.level === 'damaged')
    return [
      ...findings,
      fault('damage', `the newest backup ${newest.id} is damaged: ${doubt.reason}`),
    ];
  if (doubt?.level === 'suspect')
    findings.push({
      ...fault('suspect', `the newest backup ${newest.id} may be damaged: ${doubt.reason}`),
      level: 'warning',
      hint: `Run \`lifeboat verify ${name} --read-data\`; the next backup is full.`,
    });
  return findings.length > 0
    ? findings
    : [
        okFinding(
          'objects',
          `all ${counted(chain.length, 'backup')} in the chain of ${newest.id} are complete`,
        ),
      ];
}

/** Older backups that do not restore: a newer one does, and they expire at their time. */
function judgeOlder(facts: CatalogFacts, newest: Manifest): WatchFinding[] {
  const faults = faultsIn(facts);
  const own = new Set((chainOf(facts.manifests, newest) ?? [newest]).map(({ id }) => id));
  const older = facts.manifests.filter(
    ({ id }) => !own.has(id) && faults.get(id)?.level === 'damaged',
  );
  if (older.length === 0) return [];
  return [
    {
      check: 'objects',
      about: 'older',
      level: 'warning',
      detail: `${counted(older.length, 'older backup')} ${older.length === 1 ? 'does' : 'do'} not restore: ${firstFew(older.map(({ id }) => `${id}: ${faults.get(id)?.reason}`))}`,
      hint: `Lifeboat does not build on damaged backups. Check the disk of the store; \`lifeboat verify ${facts.name} --read-data\` looks again.`,
    },
  ];
}

/**
 * Whether a clock was wrong. It is a fault while the last backup that was made is the one from the
 * future; later ones show that the clock is right again.
 */
export function judgeClock(facts: CatalogFacts): Finding<'clock'>[] {
  const future = futureOf(facts);
  const [first, ...others] = future;
  if (!first) return [okFinding('clock', 'no backup is from the future')];
  const last = verified(facts.manifests).reduce<Manifest | undefined>(
    (latest, each) => (!latest || sequenceOf(each) >= sequenceOf(latest) ? each : latest),
    undefined,
  );
  return [
    {
      check: 'clock',
      about: 'future',
      level: last && future.includes(last) ? 'fault' : 'warning',
      detail: futureText(first, others.length),
      hint: 'Check the clock of the machine that makes the backups, and of this one (`timedatectl`). The backup is kept, and restores by its id.',
    },
  ];
}

/**
 * Whether exactly the newest two sound backups and their chains are held: without a hold they may expire,
 * and with a hold an older backup never does.
 */
export function judgeHolds(facts: CatalogFacts): WatchFinding[] {
  const { name, manifests, damaged, objects, busy } = facts;
  if (busy) return [okFinding('holds', 'not checked while a backup is running')];
  const { held: heldBackups, untouched } = holdsOf(facts);
  // What was held before damage was found is released by the next backup.
  const allowed = new Set([...heldBackups, ...untouched, ...heldIds(manifests)]);
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
    return held && !allowed.has(id) && !unknown.has(id) ? [key] : [];
  });
  const findings: WatchFinding[] = [];
  if (free.length > 0)
    findings.push({
      check: 'holds',
      about: 'missing',
      level: 'fault',
      detail: `${counted(free.length, 'object')} of the newest two backups have no hold, so they may expire: ${firstFew(free)}`,
      hint: `Run \`lifeboat backup ${name}\` to set the holds, and find out who released them.`,
    });
  if (excess.length > 0)
    findings.push({
      check: 'holds',
      about: 'excess',
      level: 'fault',
      detail: `${counted(excess.length, 'object')} of older backups have a hold, so they never expire: ${firstFew(excess)}`,
      hint: `Run \`lifeboat backup ${name}\` to release the holds, and find out who set them: they cost money and may be the work of an intruder.`,
    });
  return findings.length > 0
    ? findings
    : [okFinding('holds', `${counted(heldBackups.size, 'backup')} held`)];
}

function firstFew(parts: readonly string[]): string {
  return `${parts.slice(0, 3).join('; ')}${parts.length > 3 ? `; and ${parts.length - 3} more` : ''}`;
}
