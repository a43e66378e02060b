import type { Calls } from './calls.ts';
import { sendBytes } from './send.ts';
import type { BucketFacts, BucketRule } from '../../documents/bucket.ts';

const BUCKET_FIELDS =
  'name,location,storageClass,lifecycle,iamConfiguration(publicAccessPrevention,uniformBucketLevelAccess),softDeletePolicy,versioning,retentionPolicy,defaultEventBasedHold';

type BucketResource = {
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
  retentionPolicy?: { retentionPeriod?: string | number; isLocked?: boolean };
  defaultEventBasedHold?: boolean;
};

/** The settings of the bucket. Needs storage.buckets.get. */
export async function readBucketFacts(calls: Calls): Promise<BucketFacts> {
  const raw = (await calls.api('its own settings', {
    method: 'GET',
    path: '',
    query: { fields: BUCKET_FIELDS },
  })) as BucketResource;
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
    retentionLocked: raw.retentionPolicy?.isLocked ?? false,
    defaultEventBasedHold: raw.defaultEventBasedHold ?? false,
  };
}

/**
 * Which of the permissions this identity has on the bucket, and the server's time
 * (https://cloud.google.com/storage/docs/json_api/v1/buckets/testIamPermissions). Google does not
 * count permissions that a condition limits to some names of objects.
 */
export async function readAccess(
  calls: Calls,
  permissions: readonly string[],
): Promise<{ granted: readonly string[]; at: Date | undefined }> {
  const query = permissions.map((each) => `permissions=${encodeURIComponent(each)}`).join('&');
  const url = `/storage/v1/b/${calls.bucket}/iam/testPermissions?${query}`;
  const { data, headers } = await calls.run('its permissions', (transport) =>
    sendBytes(transport, { method: 'GET', url, parts: [] }),
  );
  const date = Date.parse(headers.get('date') ?? '');
  return {
    granted: (data as { permissions?: string[] } | null)?.permissions ?? [],
    at: Number.isNaN(date) ? undefined : new Date(date),
  };
}
