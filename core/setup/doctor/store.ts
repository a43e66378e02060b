import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { collect } from '../../lib/bytes.ts';
import { LifeboatError, toLifeboatError } from '../../lib/errors.ts';
import { bucketVerdicts } from '../../watch/catalog.ts';
import { isBucket, isPrunable, type BucketStore, type Store } from '../../store/store.ts';
import { fault, faultOf, ok, warning, type Finding } from './finding.ts';

const DAY = 86_400_000;
/** Ids of backups and expiries are times: a clock that is further off makes both wrong. */
const MOST_SKEW_MS = 60_000;
/** Not the name of a database, and below `runs/`, where the lifecycle deletes what has expired: whoever makes backups cannot delete it. */
export const PROBES = 'runs/_doctor/';

export type Probing = { readonly now: () => Date; readonly random: (bytes: number) => Buffer };

/** Whether a store takes, gives back and keeps; of a bucket also its rights, its lifecycle and its clock. */
export async function checkStore(store: Store, probing: Probing): Promise<Finding[]> {
  const { url } = store;
  const findings: Finding[] = [];
  try {
    const key = await checkObjects(store, probing);
    findings.push(ok('store', url, 'takes an object, gives it back, and does not write over it'));
    if (isPrunable(store)) {
      // The time that the file system gives, which is another machine's on a share.
      findings.push(clockFinding(url, (await stat(join(url, key))).mtime, probing.now()));
      await store.remove(key, new Date(probing.now().getTime() + 3 * DAY));
    }
  } catch (error) {
    findings.push(faultOf('store', url, error));
    // What does not answer this answers nothing else either.
    if (toLifeboatError(error).code === 'store_unreachable') return findings;
  }
  return isBucket(store) ? [...findings, ...(await checkBucket(store, probing.now))] : findings;
}

/** Writes a small object that expires, reads it back, and sees that it cannot be written twice. */
async function checkObjects(store: Store, { now, random }: Probing): Promise<string> {
  const key = `${PROBES}${now().toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z-${random(4).toString('hex')}.json`;
  const body = Buffer.from(
    `${JSON.stringify({ at: now().toISOString(), what: 'lifeboat doctor looked whether this store works' })}\n`,
  );
  const expires = new Date(now().getTime() + 2 * DAY);
  if (!(await store.create(key, body, { expires })))
    throw new LifeboatError(
      'store_unreachable',
      'the store says that a new object is there already',
      'Run it again.',
    );
  if (!(await collect(store.read(key))).equals(body))
    throw new LifeboatError(
      'backup_damaged',
      'the store gives back something else than it was given',
      'Do not trust this store: look at the disk or the mount.',
    );
  if (await store.create(key, Buffer.from('{}\n'), { expires }))
    throw new LifeboatError(
      'backup_damaged',
      'the store wrote over an object that it was to create only',
      'Do not trust this store with backups: something between here and it ignores preconditions.',
    );
  return key;
}

function clockFinding(url: string, theirs: Date, ours: Date): Finding {
  const off = ours.getTime() - theirs.getTime();
  const seconds = Math.abs(off / 1000).toFixed(0);
  if (Math.abs(off) <= MOST_SKEW_MS)
    return ok('clock', url, `agrees with this machine within ${seconds} s`);
  return fault(
    'clock',
    url,
    'config_invalid',
    `the clock of this machine is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} that of the store`,
    'Set the clock (timedatectl set-ntp true): names and expiries of backups come from it.',
  );
}

async function checkBucket(store: BucketStore, now: () => Date): Promise<Finding[]> {
  const { url } = store;
  const findings: Finding[] = [];
  const gather = async (work: () => Promise<Finding[]>): Promise<void> => {
    findings.push(...(await work().catch((error: unknown) => [faultOf('store', url, error)])));
  };
  await gather(async () => {
    const { granted, at } = await store.access(['storage.objects.delete']);
    const may = granted.includes('storage.objects.delete');
    return [
      may
        ? fault(
            'store',
            url,
            'config_invalid',
            'whoever runs this may delete backups (storage.objects.delete on the whole bucket)',
            'Give what makes backups the rights of docs/permissions.md and no more; if you are an owner, run this as that identity: gcloud auth application-default login --impersonate-service-account=NAME',
          )
        : ok('store', url, 'this identity has no right to delete in the whole bucket'),
      ...(at ? [clockFinding(url, at, now())] : []),
    ];
  });
  await gather(async () =>
    bucketVerdicts(await store.bucketFacts(), store.prefix).map(({ result, detail, hint }) =>
      result === 'alarm'
        ? fault('store', url, 'config_invalid', detail, hint)
        : result === 'warning'
          ? warning('store', url, detail, hint)
          : ok('store', url, detail),
    ),
  );
  return findings;
}
