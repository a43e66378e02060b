import type { BucketFacts, BucketRule } from '../../policy/bucket.ts';
import type { Calls } from './calls.ts';
import { ask } from './send.ts';

const FIELDS =
  'name,location,storageClass,lifecycle,iamConfiguration(publicAccessPrevention,uniformBucketLevelAccess),softDeletePolicy,versioning,retentionPolicy,defaultEventBasedHold';

type Raw = {
  name?: string;
  location?: string;
  storageClass?: string;
  lifecycle?: { rule?: BucketRule[] };
  iamConfiguration?: { publicAccessPrevention?: string; uniformBucketLevelAccess?: { enabled?: boolean } };
  softDeletePolicy?: { retentionDurationSeconds?: string | number };
  versioning?: { enabled?: boolean };
  retentionPolicy?: { retentionPeriod?: string | number };
  defaultEventBasedHold?: boolean;
};

/** Needs storage.buckets.get. */
export const readBucketFacts = (calls: Calls): Promise<BucketFacts> =>
  calls.run('its own settings', async (clients) => {
    const raw = (await ask(clients, calls.tuning.idleMs, `/storage/v1/b/${calls.bucket}`, { fields: FIELDS })) as Raw;
    return {
      name: raw.name ?? calls.bucket,
      location: raw.location ?? '',
      storageClass: raw.storageClass ?? '',
      rules: (raw.lifecycle?.rule ?? []).map(({ action, condition }) => ({ action, condition })),
      publicAccessPrevention: raw.iamConfiguration?.publicAccessPrevention ?? 'inherited',
      uniformAccess: raw.iamConfiguration?.uniformBucketLevelAccess?.enabled ?? false,
      softDeleteSeconds: Number(raw.softDeletePolicy?.retentionDurationSeconds ?? 0),
      versioning: raw.versioning?.enabled ?? false,
      retentionSeconds: Number(raw.retentionPolicy?.retentionPeriod ?? 0),
      defaultEventBasedHold: raw.defaultEventBasedHold ?? false,
    };
  });
