import { expectedRule } from '../../core/watch/bucket.ts';

/** The settings of a bucket for Lifeboat in Google's JSON. */
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
