import type { Calls } from './calls.ts';
import { sendBytes } from './send.ts';
import type { BucketFacts, BucketRule } from '../../documents/bucket.ts';

const FIELDS =
  'name,location,storageClass,lifecycle,iamConfiguration(publicAccessPrevention,uniformBucketLevelAccess),softDeletePolicy,versioning,retentionPolicy,defaultEventBasedHold';

type Raw = {
  name?: string;
  location?: string;
  storageClass?: string;
  lifecycle?: { rule?: BucketRule[] };
  iamConfiguration?: {
    publicAccessPrevention?: string;
    uniformBucketLevelAccess?: { enabled?: boolean };
  };
  softDeletePolicy?: { retentionDurationSeconds?: string | number };
  versioning?: { enabled?: boolean };
  retentionPolicy?: { retentionPeriod?: string | number };
  defaultEventBasedHold?: boolean;
};

/** Needs storage.buckets.get. */
export async function readBucketFacts(calls: Calls): Promise<BucketFacts> {
  const raw = (await calls.api('its own settings', {
    method: 'GET',
    path: '',
    query: { fields: FIELDS },
  })) as Raw;
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
}

/**
 * https://cloud.google.com/storage/docs/json_api/v1/buckets/testIamPermissions. Rights under a
 * condition on the name of the object are not among them.
 */
export async function readAccess(
  calls: Calls,
  permissions: readonly string[],
): Promise<{ granted: readonly string[]; at: Date | undefined }> {
  const query = permissions.map((each) => `permissions=${encodeURIComponent(each)}`).join('&');
  const url = `/storage/v1/b/${calls.bucket}/iam/testPermissions?${query}`;
  const { data, headers } = await calls.run('its permissions', (clients) =>
    sendBytes(clients, calls.tuning.idleMs, { method: 'GET', url, parts: [] }),
  );
  const date = Date.parse(headers.get('date') ?? '');
  return {
    granted: (data as { permissions?: string[] } | null)?.permissions ?? [],
    at: Number.isNaN(date) ? undefined : new Date(date),
  };
}
