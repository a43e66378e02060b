import { describe, expect, test } from 'vitest';
import { expectedRule, judgeBucket } from '../../core/watch/bucket.ts';
import type { BucketFacts, BucketRule } from '../../core/documents/bucket.ts';

const GOOD: BucketFacts = {
  name: 'acme-backups',
  location: 'EU',
  storageClass: 'STANDARD',
  rules: [expectedRule('')],
  publicAccessPrevention: 'enforced',
  uniformAccess: true,
  softDeleteSeconds: 604_800,
  versioning: false,
  retentionSeconds: 0,
  retentionLocked: false,
  defaultEventBasedHold: false,
};
const rule = (condition: Record<string, unknown>, type = 'Delete'): BucketRule => ({
  action: { type, storageClass: 'NEARLINE' },
  condition,
});
const right = (folder: string, prefix = '') =>
  rule({ age: 1, daysSinceCustomTime: 1, matchesPrefix: [`${prefix}${folder}`] });
const problems = (facts: Partial<BucketFacts>, prefix = ''): string[] =>
  judgeBucket({ ...GOOD, ...facts }, prefix)
    .filter(({ level }) => level !== 'ok')
    .map(({ level, detail }) => `${level}: ${detail}`);

describe('the rules of a bucket', () => {
  test.each<[string, BucketRule[], string]>([
    ['one rule for all folders', [expectedRule('')], ''],
    ['a rule per folder', [right('databases/'), right('runs/'), right('reports/')], ''],
    ['one rule below a prefix', [expectedRule('shop')], 'shop'],
    [
      'Google adds empty lists',
      [{ ...expectedRule(''), condition: { ...expectedRule('').condition, matchesSuffix: [] } }],
      '',
    ],
    [
      'incomplete uploads are cleared',
      [expectedRule(''), rule({ age: 7 }, 'AbortIncompleteMultipartUpload')],
      '',
    ],
    ['old versions are deleted', [expectedRule(''), rule({ daysSinceNoncurrentTime: 7 })], ''],
    [
      'a rule for a folder that is not ours',
      [expectedRule(''), rule({ age: 30, matchesPrefix: ['logs/'] })],
      '',
    ],
    [
      'a rule for a neighbour',
      [expectedRule('shop'), rule({ age: 30, matchesPrefix: ['blog/databases/'] })],
      'shop',
    ],
  ])('%s is as expected', (_, rules, prefix) => {
    expect(problems({ rules }, prefix)).toEqual([]);
  });

  test.each<[string, BucketRule, string]>([
    [
      '0 days since Custom-Time',
      rule({ age: 1, daysSinceCustomTime: 0, matchesPrefix: ['databases/'] }),
      '',
    ],
    ['Custom-Time dropped', rule({ age: 1, matchesPrefix: ['databases/'] }), ''],
    ['age 0', rule({ age: 0, daysSinceCustomTime: 1, matchesPrefix: ['databases/'] }), ''],
    ['age dropped', rule({ daysSinceCustomTime: 1, matchesPrefix: ['databases/'] }), ''],
    ['prefix dropped', rule({ age: 1, daysSinceCustomTime: 1 }), ''],
    ['no condition at all', rule({}), ''],
    ['a plain age', rule({ age: 30 }), ''],
    [
      'a prefix that reaches into ours',
      rule({ age: 1, daysSinceCustomTime: 1, matchesPrefix: ['data'] }),
      '',
    ],
    ['a folder inside ours', rule({ age: 30, matchesPrefix: ['databases/shop/'] }), ''],
    ['the summaries', rule({ age: 1, daysSinceCustomTime: 1, matchesPrefix: ['state/'] }), ''],
    [
      'one prefix too many',
      rule({ age: 1, daysSinceCustomTime: 1, matchesPrefix: ['databases/', 'state/'] }),
      '',
    ],
    [
      'a storage class',
      rule({
        age: 1,
        daysSinceCustomTime: 1,
        matchesPrefix: ['databases/'],
        matchesStorageClass: ['STANDARD'],
      }),
      '',
    ],
    ['the live version named', rule({ age: 30, isLive: true }), ''],
    ['the whole store below its prefix', rule({ age: 30, matchesPrefix: ['shop/'] }), 'shop'],
  ])('any other deleting rule is a fault: %s', (_, wrong, prefix) => {
    const found = problems({ rules: [expectedRule(prefix), wrong] }, prefix);
    expect(found).toEqual([
      expect.stringMatching(/^fault: a lifecycle rule deletes backups before they expire/),
    ]);
  });

  test('a folder without a rule is a fault, because it only grows', () => {
    expect(problems({ rules: [right('databases/'), right('reports/')] })).toEqual([
      'fault: no lifecycle rule deletes expired objects under runs/',
    ]);
    expect(problems({ rules: [] })).toHaveLength(3);
    // The rules of the whole bucket do not reach below a prefix.
    expect(problems({ rules: [expectedRule('')] }, 'shop')).toHaveLength(3);
  });

  test.each<[Partial<BucketFacts>, string]>([
    [{ publicAccessPrevention: 'inherited' }, 'fault: public access prevention'],
    [{ uniformAccess: false }, 'fault: the bucket has access lists'],
    [{ softDeleteSeconds: 0 }, 'fault: deleted objects cannot be restored'],
    [{ softDeleteSeconds: 604_799 }, 'fault: deleted objects can be restored for 6 days only'],
    [{ retentionSeconds: 60 }, 'fault: the bucket has a retention policy'],
    [{ defaultEventBasedHold: true }, 'fault: the bucket puts an event-based hold'],
    [{ versioning: true }, 'warning: the bucket keeps old versions'],
    [
      { rules: [expectedRule(''), rule({ age: 30 }, 'SetStorageClass')] },
      'warning: a lifecycle rule moves backups to NEARLINE',
    ],
  ])('%j is reported', (facts, says) => {
    const found = problems(facts);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
  });
});
