import { expectedRule } from '../../core/watch/bucket.ts';

/** What a bucket for Lifeboat looks like in Google's JSON. */
export function goodSettings(prefix = '') {
  return {
    lifecycle: { rule: [expectedRule(prefix)] },
    iamConfiguration: {
      publicAccessPrevention: 'enforced',
      uniformBucketLevelAccess: { enabled: true },
    },
    softDeletePolicy: { retentionDurationSeconds: '604800' },
  };
}
