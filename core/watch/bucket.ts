import type { BucketFacts, BucketRule } from '../documents/bucket.ts';

/** `fault`: backups can be lost, read by others or pile up. `advice`: it costs money. */
export type BucketFinding = {
  readonly level: 'fault' | 'advice';
  readonly message: string;
  readonly hint: string;
};

const WEEK = 604_800;
const EXPIRING = ['databases/', 'runs/', 'reports/'];
const OURS = [...EXPIRING, 'state/'];
const TERRAFORM = 'Terraform in infra/ sets it right; docs/operations.md shows it for gcloud.';

/** What one rule per prefix (or one for all) must say: Custom-Time is a day before the expiry. Never 0 days. */
export function expectedRule(prefix: string): BucketRule {
  return {
    action: { type: 'Delete' },
    condition: {
      age: 1,
      daysSinceCustomTime: 1,
      matchesPrefix: EXPIRING.map((folder) => at(prefix, folder)),
    },
  };
}

/** Compares a bucket with what backups need; `prefix` is the store's, without slashes at its ends. Empty: all is as expected. */
export function bucketFindings(facts: BucketFacts, prefix: string): BucketFinding[] {
  return [
    ...ruleFindings(facts.rules, prefix),
    ...fault(
      facts.publicAccessPrevention !== 'enforced',
      `public access to the bucket is not prevented (${facts.publicAccessPrevention})`,
      `Set public access prevention to enforced. ${TERRAFORM}`,
    ),
    ...fault(
      !facts.uniformAccess,
      'the bucket has access lists per object beside IAM',
      `Turn uniform bucket-level access on: the rights per folder depend on it. ${TERRAFORM}`,
    ),
    ...fault(
      facts.softDeleteSeconds < WEEK,
      `deleted objects can be brought back for ${Math.floor(facts.softDeleteSeconds / 86_400)} days only`,
      `Set soft delete to 7 days or more. ${TERRAFORM}`,
    ),
    ...fault(
      facts.retentionSeconds > 0,
      `the bucket has a retention policy of ${facts.retentionSeconds} seconds, under which summaries cannot be rewritten`,
      'Remove it, or use another bucket: the identities already cannot delete backups.',
    ),
    ...fault(
      facts.defaultEventBasedHold,
      'the bucket holds each new object until an event, so nothing expires and summaries cannot be rewritten',
      'Turn the default event-based hold off.',
    ),
    ...(facts.versioning &&
    !facts.rules.some(
      ({ action, condition }) => action.type === 'Delete' && onlyOldVersions(condition),
    )
      ? [
          {
            level: 'advice' as const,
            message:
              'the bucket keeps old versions and no rule ever deletes them, so what expired is paid for for ever',
            hint: `Turn versioning off (soft delete does its work), or add a rule for noncurrent versions. ${TERRAFORM}`,
          },
        ]
      : []),
  ];
}

function at(prefix: string, folder: string): string {
  return prefix === '' ? folder : `${prefix}/${folder}`;
}

function ruleFindings(rules: readonly BucketRule[], prefix: string): BucketFinding[] {
  const [expiring, ours] = [
    EXPIRING.map((folder) => at(prefix, folder)),
    OURS.map((folder) => at(prefix, folder)),
  ];
  const deleting = rules.filter(
    ({ action, condition }) => action.type === 'Delete' && !onlyOldVersions(condition),
  );
  const right = deleting.filter((rule) => isExpected(rule, expiring));
  const covered = new Set(right.flatMap(({ condition }) => strings(condition['matchesPrefix'])));
  const wrong = deleting.filter((rule) => !right.includes(rule) && reaches(rule, ours));
  const classes = rules.filter(
    (rule) => rule.action.type === 'SetStorageClass' && reaches(rule, ours),
  );
  return [
    ...wrong.map(({ condition }): BucketFinding => ({
      level: 'fault',
      message: `a lifecycle rule deletes backups otherwise than by their expiry: ${JSON.stringify(condition)}`,
      hint: `Remove it from the bucket now; what it deleted is in soft delete for as long as the bucket says. ${TERRAFORM}`,
    })),
    ...expiring
      .filter((area) => !covered.has(area))
      .map((area): BucketFinding => ({
        level: 'fault',
        message: `no lifecycle rule deletes what has expired under ${area}`,
        hint: `Add a rule that deletes with daysSinceCustomTime 1, age 1 and this prefix. ${TERRAFORM}`,
      })),
    ...classes.map(({ action, condition }): BucketFinding => ({
      level: 'advice',
      message: `a lifecycle rule moves backups to ${action.storageClass ?? 'another class'}: ${JSON.stringify(condition)}`,
      hint: 'Colder classes have a least time and a price for reading; restore tests pay it each time.',
    })),
  ];
}

/** Conditions that only what is no longer the live version can meet. */
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

function fault(wrong: boolean, message: string, hint: string): BucketFinding[] {
  return wrong ? [{ level: 'fault', message, hint }] : [];
}
