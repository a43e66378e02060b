import { formatLasting, ENGLISH } from '../lib/text/format.ts';
import type { BucketFacts, BucketRule } from '../documents/bucket.ts';
import type { Finding } from '../documents/finding.ts';
import { isBucket, type Store } from '../store/store.ts';
import { errorFinding, okFinding } from './finding.ts';

type BucketFinding = Finding<'bucket'>;
/** A setting, whether it is wrong, and what to report then. */
type BucketSetting = Pick<BucketFinding, 'about' | 'detail' | 'hint'> & { readonly wrong: boolean };

const WEEK = 604_800;
const EXPIRING = ['databases/', 'runs/', 'reports/'];
const OURS = [...EXPIRING, 'state/'];
const TERRAFORM =
  'Apply the Terraform in infra/ to correct it, or use gcloud as docs/setup.md shows.';

/**
 * Compares the settings of the store's bucket with the expected ones; nothing for a folder store.
 */
export async function watchBucket(store: Store): Promise<BucketFinding[]> {
  if (!isBucket(store)) return [];
  try {
    return judgeBucket(await store.bucketFacts(), store.prefix);
  } catch (error) {
    return [errorFinding('bucket', error)];
  }
}

/**
 * `prefix` is the prefix of the store, without slashes at its ends. A copy may have a retention
 * policy: Lifeboat replaces nothing there.
 */
export function judgeBucket(
  facts: BucketFacts,
  prefix: string,
  role: 'store' | 'copy' = 'store',
): BucketFinding[] {
  const findings = [
    ...judgeRules(facts.rules, prefix),
    ...judgeSettings(role === 'copy' ? { ...facts, retentionSeconds: 0 } : facts),
    ...judgeVersions(facts),
  ];
  return findings.length > 0
    ? findings
    : [okFinding('bucket', `the settings of ${facts.name} are as expected`)];
}

/**
 * The lifecycle rule that a bucket needs, as one rule for all folders (one rule each works, too).
 * Custom-Time is a day before the expiry, so that the rule never says 0 days.
 */
export function expectedRule(prefix: string): BucketRule {
  return {
    action: { type: 'Delete' },
    condition: {
      age: 1,
      daysSinceCustomTime: 1,
      matchesPrefix: EXPIRING.map((folder) => withPrefix(prefix, folder)),
    },
  };
}

function judgeSettings(facts: BucketFacts): BucketFinding[] {
  const settings: BucketSetting[] = [
    {
      wrong: facts.publicAccessPrevention !== 'enforced',
      about: 'public access',
      detail: `public access prevention of the bucket is ${facts.publicAccessPrevention}, not enforced`,
      hint: `Set public access prevention to enforced. ${TERRAFORM}`,
    },
    {
      wrong: !facts.uniformAccess,
      about: 'uniform access',
      detail: 'the bucket has access lists per object in addition to IAM',
      hint: `Turn uniform bucket-level access on: rights per folder depend on it. ${TERRAFORM}`,
    },
    {
      wrong: facts.softDeleteSeconds < WEEK,
      about: 'soft delete',
      detail:
        facts.softDeleteSeconds > 0
          ? `deleted objects can be restored for ${formatLasting(ENGLISH, facts.softDeleteSeconds * 1000)} only`
          : 'deleted objects cannot be restored: soft delete is off',
      hint: `Set soft delete to 7 days or more. ${TERRAFORM}`,
    },
    {
      wrong: facts.retentionSeconds > 0,
      about: 'retention policy',
      detail: `the bucket has a retention policy of ${formatLasting(ENGLISH, facts.retentionSeconds * 1000)}, which prevents Lifeboat from updating its state`,
      hint: 'Remove the policy or use another bucket: the identity that writes backups has no right to delete them anyway.',
    },
    {
      wrong: facts.defaultEventBasedHold,
      about: 'event-based hold',
      detail:
        'the bucket puts an event-based hold on every new object, so nothing expires and Lifeboat cannot update its state',
      hint: 'Turn the default event-based hold off.',
    },
  ];
  return settings
    .filter(({ wrong }) => wrong)
    .map(({ about, detail, hint }) => ({ check: 'bucket', about, level: 'fault', detail, hint }));
}

function judgeVersions({ versioning, rules }: BucketFacts): BucketFinding[] {
  const deletesOldVersions = rules.some(
    ({ action, condition }) => action.type === 'Delete' && onlyOldVersions(condition),
  );
  if (!versioning || deletesOldVersions) return [];
  return [
    {
      check: 'bucket',
      about: 'versioning',
      level: 'warning',
      detail:
        'the bucket keeps old versions and no rule deletes them, so you pay for expired backups for ever',
      hint: `Turn versioning off (soft delete replaces it), or add a rule that deletes noncurrent versions. ${TERRAFORM}`,
    },
  ];
}

function judgeRules(rules: readonly BucketRule[], prefix: string): BucketFinding[] {
  const expiring = EXPIRING.map((folder) => withPrefix(prefix, folder));
  const ours = OURS.map((folder) => withPrefix(prefix, folder));
  const deleting = rules.filter(
    ({ action, condition }) => action.type === 'Delete' && !onlyOldVersions(condition),
  );
  const expectedRules = deleting.filter((rule) => isExpected(rule, expiring));
  const covered = new Set(
    expectedRules.flatMap(({ condition }) => strings(condition['matchesPrefix'])),
  );
  const wrongRules = deleting.filter(
    (rule) => !expectedRules.includes(rule) && reaches(rule, ours),
  );
  const classes = rules.filter(
    (rule) => rule.action.type === 'SetStorageClass' && reaches(rule, ours),
  );
  return [
    ...wrongRules.map(({ condition }): BucketFinding => ({
      check: 'bucket',
      about: `rule ${JSON.stringify(condition)}`.slice(0, 100),
      level: 'fault',
      detail: `a lifecycle rule deletes backups before they expire: ${JSON.stringify(condition)}`,
      hint: `Remove the rule from the bucket now, then restore the objects that it deleted from soft delete. ${TERRAFORM}`,
    })),
    ...expiring
      .filter((area) => !covered.has(area))
      .map((area): BucketFinding => ({
        check: 'bucket',
        about: `no rule for ${area}`.slice(0, 100),
        level: 'fault',
        detail: `no lifecycle rule deletes expired objects under ${area}`,
        hint: `Add a rule that deletes with daysSinceCustomTime 1, age 1 and this prefix. ${TERRAFORM}`,
      })),
    ...classes.map(({ action, condition }): BucketFinding => ({
      check: 'bucket',
      about: `storage class ${JSON.stringify(condition)}`.slice(0, 100),
      level: 'warning',
      detail: `a lifecycle rule moves backups to ${action.storageClass ?? 'another class'}: ${JSON.stringify(condition)}`,
      hint: 'Remove the rule: colder classes charge a minimum storage time and a fee for reading, which every restore test pays.',
    })),
  ];
}

function withPrefix(prefix: string, folder: string): string {
  return prefix === '' ? folder : `${prefix}/${folder}`;
}

/** Whether only versions that are no longer live can meet the condition. */
function onlyOldVersions({
  isLive,
  numNewerVersions,
  daysSinceNoncurrentTime,
  noncurrentTimeBefore,
}: BucketRule['condition']): boolean {
  return (
    isLive === false ||
    Number(numNewerVersions ?? 0) > 0 ||
    Number(daysSinceNoncurrentTime ?? 0) > 0 ||
    noncurrentTimeBefore !== undefined
  );
}

function isExpected({ condition }: BucketRule, expiring: readonly string[]): boolean {
  const { age, daysSinceCustomTime, matchesPrefix, ...others } = condition;
  const prefixes = strings(matchesPrefix);
  return (
    age === 1 &&
    daysSinceCustomTime === 1 &&
    prefixes.length > 0 &&
    prefixes.every((prefix) => expiring.includes(prefix)) &&
    Object.entries(others).every(
      ([, value]) =>
        value === undefined || value === null || (Array.isArray(value) && value.length === 0),
    )
  );
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function reaches(rule: BucketRule, areas: readonly string[]): boolean {
  const prefixes = strings(rule.condition['matchesPrefix']);
  return (
    prefixes.length === 0 ||
    prefixes.some((prefix) =>
      areas.some((area) => area.startsWith(prefix) || prefix.startsWith(area)),
    )
  );
}
