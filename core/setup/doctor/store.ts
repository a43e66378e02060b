import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { collect } from '../../lib/bytes/bytes.ts';
import { LifeboatError, toLifeboatError } from '../../lib/errors.ts';
import { ENGLISH, formatLasting, formatTook } from '../../lib/text/format.ts';
import type { BucketFacts } from '../../documents/bucket.ts';
import { judgeBucket } from '../../watch/bucket.ts';
import { isBucket, isPrunable, type BucketStore, type Store } from '../../store/store.ts';
import { fault, faultOf, ok, under, warning, type DoctorFinding } from './finding.ts';
import { DAY_MS, MINUTE_MS } from '../../lib/text/time.ts';

/** Ids of backups and expiries are times: a clock that is further off makes both wrong. */
const MAX_SKEW_MS = MINUTE_MS;
/**
 * No database can have this name. The folder is below `runs/`, where the lifecycle rule deletes the
 * probe: the identity that writes backups has no right to.
 */
const PROBES = 'runs/_doctor/';

export type Probing = { readonly now: () => Date; readonly random: (bytes: number) => Buffer };

/**
 * Whether a store writes, reads and protects objects; for a bucket also rights, lifecycle rules and
 * clock.
 */
export async function checkStore(store: Store, probing: Probing): Promise<DoctorFinding[]> {
  const { url } = store;
  const findings: DoctorFinding[] = [];
  try {
    const key = await checkObjects(store, probing);
    findings.push(ok('store', url, 'write, read back and overwrite protection work'));
    if (isPrunable(store)) {
      // The file system sets this time; on a network share it is that of another machine.
      findings.push(clockFinding(url, (await stat(join(url, key))).mtime, probing.now()));
      await store.remove(key, probing.now());
    }
  } catch (error) {
    findings.push(faultOf('store', url, error));
    // An unreachable store would fail every other check, too.
    if (toLifeboatError(error).code === 'store_unreachable') return findings;
  }
  return isBucket(store) ? [...findings, ...(await checkBucket(store, probing.now))] : findings;
}

/**
 * Writes a small object that expires, reads it back, and makes sure that it cannot be overwritten.
 */
async function checkObjects(store: Store, { now, random }: Probing): Promise<string> {
  const key = `${PROBES}${now().toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z-${random(4).toString('hex')}.json`;
  const body = Buffer.from(
    `${JSON.stringify({ at: now().toISOString(), what: 'lifeboat doctor checked this store' })}\n`,
  );
  // A folder deletes what has expired when it is asked to, a bucket a day later by itself.
  const expires = new Date(now().getTime() + (isPrunable(store) ? 0 : 2 * DAY_MS));
  if (!(await store.create(key, body, { expires })))
    throw new LifeboatError(
      'store_unreachable',
      'the store reports that a new object already exists',
      'Run `lifeboat doctor` again.',
    );
  if (!(await collect(store.read(key))).equals(body))
    throw new LifeboatError(
      'backup_damaged',
      'the store returned other bytes than Lifeboat wrote',
      'Do not trust this store: check the disk or the mount.',
    );
  if (await store.create(key, Buffer.from('{}\n'), { expires }))
    throw new LifeboatError(
      'backup_damaged',
      'the store overwrote an existing object',
      'Do not use this store for backups: it, or a proxy in between, ignores preconditions.',
    );
  return key;
}

/**
 * Checks a further store. A bucket with a retention policy gets no probe, which nobody could delete
 * before its time.
 */
export async function checkCopy(store: Store, probing: Probing): Promise<DoctorFinding[]> {
  if (!isBucket(store)) return checkStore(store, probing);
  const { url, prefix } = store;
  try {
    const facts = await store.bucketFacts();
    if (facts.retentionSeconds === 0) return await checkStore(store, probing);
    const settings = judgeBucket(facts, prefix, 'copy');
    return [
      retentionFinding(url, facts),
      ...settings.map((finding) => under({ check: 'store', about: url }, finding)),
    ];
  } catch (error) {
    return [faultOf('store', url, error)];
  }
}

function retentionFinding(
  url: string,
  { retentionSeconds, retentionLocked }: BucketFacts,
): DoctorFinding {
  const period = formatLasting(ENGLISH, retentionSeconds * 1000);
  if (retentionLocked)
    return ok(
      'store',
      url,
      `nobody can delete a copied backup for ${period}: its retention is locked`,
    );
  return warning('store', url, {
    detail: `the retention policy of the copy (${period}) is not locked, so an owner of its project can remove it`,
    hint: 'When the first copies are there, set `locked = true` for infra/copy and apply it. This cannot be undone.',
  });
}

function clockFinding(url: string, storeTime: Date, now: Date): DoctorFinding {
  const skew = now.getTime() - storeTime.getTime();
  const skewText = formatTook(ENGLISH, Math.abs(skew));
  if (Math.abs(skew) <= MAX_SKEW_MS)
    return ok('clock', url, `differs from the clock of this machine by ${skewText}`);
  return fault('clock', url, {
    code: 'config_invalid',
    detail: `the clock of this machine is ${skewText} ${skew > 0 ? 'ahead of' : 'behind'} that of the store`,
    hint: 'Set the clock (`timedatectl set-ntp true`): ids and expiries of backups depend on it.',
  });
}

async function checkBucket(store: BucketStore, now: () => Date): Promise<DoctorFinding[]> {
  const { url } = store;
  const checks = [() => checkRights(store, now), () => checkSettings(store)];
  const findings: DoctorFinding[] = [];
  for (const check of checks)
    findings.push(...(await check().catch((error: unknown) => [faultOf('store', url, error)])));
  return findings;
}

async function checkRights(store: BucketStore, now: () => Date): Promise<DoctorFinding[]> {
  const { url } = store;
  const { granted, at } = await store.access(['storage.objects.delete']);
  return [
    granted.includes('storage.objects.delete')
      ? fault('store', url, {
          code: 'config_invalid',
          detail:
            'the identity that runs this may delete backups (storage.objects.delete on the whole bucket)',
          hint: 'Give the identity that writes backups only the rights in docs/permissions.md; if you are an owner, run this as that identity: gcloud auth application-default login --impersonate-service-account=NAME',
        })
      : ok('store', url, 'this identity has no right to delete in the whole bucket'),
    ...(at ? [clockFinding(url, at, now())] : []),
  ];
}

async function checkSettings(store: BucketStore): Promise<DoctorFinding[]> {
  const findings = judgeBucket(await store.bucketFacts(), store.prefix);
  return findings.map((finding) => under({ check: 'store', about: store.url }, finding));
}
