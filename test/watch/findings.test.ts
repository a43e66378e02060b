import { describe, expect, test } from 'vitest';
import type { Config } from '../../core/config/load.ts';
import type { Manifest } from '../../core/format/manifest.ts';
import { expectedRule, judgeBucket } from '../../core/watch/bucket.ts';
import type { Finding } from '../../core/documents/finding.ts';
import { judgeHolds, judgeObjects, type CatalogFacts } from '../../core/watch/catalog.ts';
import { judgeCopy, type CopyFacts } from '../../core/watch/copies.ts';
import {
  judgeFreshness,
  judgeInspection,
  judgeRestoreTest,
  judgeSalvage,
} from '../../core/watch/database.ts';
import { judgeJob } from '../../core/watch/schedules.ts';
import { judgeUnconfigured } from '../../core/watch/unconfigured.ts';
import type { RestoreTestSchedule } from '../../core/schedule/freshness.ts';
import type { JobFacts, WantedTarget } from '../../core/schedule/jobs.ts';

type StoredFacts = { size: number; crc32c?: string; held: boolean };

const HOUR = 3_600_000;
const NIGHTLY = { name: 'shop', schedule: '0 3 * * *', timeZone: 'UTC' };
const watching = (graceMs: number) =>
  ({ watch: { schedule: '15 * * * *', timeZone: 'UTC', graceMs } }) as Pick<Config, 'watch'>;
const idOf = (day: string) => `${day.replaceAll('-', '')}T030000Z-00000000`;
const keyOf = (day: string, name: string) => `databases/shop/${idOf(day)}/${name}`;
const backup = (day: string, more: object = {}): Manifest =>
  ({
    id: idOf(day),
    database: 'shop',
    takenAt: `${day}T03:00:00.000Z`,
    salvage: false,
    parent: null,
    base: null,
    depth: 0,
    chain: { salt: 'a', keyed: false },
    inspection: { verdict: 'ok', checks: [] },
    objects: [{ role: 'data', key: keyOf(day, 'a/data'), size: 100, crc32c: '0000000a' }],
    ...more,
  }) as unknown as Manifest;
const child = (day: string, parent: string, depth = 1) =>
  backup(day, { parent: idOf(parent), base: idOf(parent), depth });
const objectsOf = (days: readonly string[], held: readonly string[] = days) =>
  new Map<string, StoredFacts>(
    days.flatMap((day) => [
      [keyOf(day, 'manifest.json'), { size: 9, held: held.includes(day) }] as [string, StoredFacts],
      [keyOf(day, 'a/data'), { size: 100, crc32c: '0000000a', held: held.includes(day) }] as [
        string,
        StoredFacts,
      ],
    ]),
  );
const facts = (more: Partial<CatalogFacts>): CatalogFacts => ({
  name: 'shop',
  manifests: [],
  damaged: [],
  objects: new Map(),
  damage: new Map(),
  at: new Date('2030-01-01T00:00:00Z'),
  busy: false,
  ...more,
});
const shortly = (findings: readonly Finding[]) =>
  findings.map(({ check, level, about }) => `${check} ${level}${about ? ` ${about}` : ''}`);
const expectHints = (findings: readonly Finding[]) =>
  expect(
    findings.filter(({ level, hint, detail }) => level !== 'ok' && (hint === '' || detail === '')),
  ).toEqual([]);

describe('the newest backup', () => {
  const [A, B] = ['2026-11-23', '2026-11-24'];
  test.each<[string, Manifest[], string, string]>([
    ['is in time before the next one is due', [backup(A)], '2026-11-24T02:59:59Z', 'late ok'],
    ['is in time within the grace', [backup(A)], '2026-11-24T04:59:59Z', 'late ok'],
    ['is late when the grace is over', [backup(A)], '2026-11-24T05:00:00Z', 'late fault late'],
    [
      'is in time when a newer one is there',
      [backup(A), backup(B)],
      '2026-11-24T05:00:00Z',
      'late ok',
    ],
    ['is missing when there is none', [], '2026-11-24T05:00:00Z', 'missing fault missing'],
    [
      'is missing when there are salvage copies only',
      [backup(A, { salvage: true })],
      '2026-11-23T05:00:00Z',
      'missing fault missing',
    ],
    [
      'is late when what is newer failed',
      [backup(A), backup(B, { inspection: { verdict: 'failed', checks: [] } })],
      '2026-11-24T05:00:00Z',
      'late fault late',
    ],
  ])('%s', (_, manifests, now, expected) => {
    const finding = judgeFreshness(NIGHTLY, manifests, {
      now: new Date(now),
      config: watching(2 * HOUR),
    });
    expect(shortly([finding])).toEqual([expected]);
    expectHints([finding]);
  });

  test('of a database without a schedule is never late, and may be missing', () => {
    const now = new Date('2027-11-24T05:00:00Z');
    const rare = { ...NIGHTLY, schedule: undefined };
    expect(judgeFreshness(rare, [backup(A)], { now, config: watching(0) }).level).toBe('ok');
    expect(judgeFreshness(rare, [], { now, config: watching(0) }).check).toBe('missing');
  });

  test.each<[string, Manifest[], string[]]>([
    ['ok', [backup(A)], ['inspection ok']],
    ['none', [], []],
    [
      'inconclusive',
      [
        backup(A, {
          inspection: {
            verdict: 'inconclusive',
            checks: [{ name: 'judge', result: 'inconclusive' }],
          },
        }),
      ],
      ['inspection fault inconclusive'],
    ],
    [
      'inconclusive before a good one',
      [backup(A, { inspection: { verdict: 'inconclusive', checks: [] } }), backup(B)],
      ['inspection ok'],
    ],
  ])('that was judged %s', (_, manifests, expected) => {
    expect(shortly(judgeInspection(manifests))).toEqual(expected);
    expectHints(judgeInspection(manifests));
  });

  test.each<[string, Manifest[], string]>([
    ['older than it', [backup(A, { salvage: true }), backup(B)], 'salvage ok'],
    ['newer than it', [backup(A), backup(B, { salvage: true })], 'salvage fault salvage'],
    ['and nothing else', [backup(B, { salvage: true })], 'salvage fault salvage'],
  ])('with salvage copies %s', (_, manifests, expected) => {
    expect(shortly(judgeSalvage('shop', manifests))).toEqual([expected]);
    expectHints(judgeSalvage('shop', manifests));
  });
});

describe('the restore test', () => {
  const monthly = { schedule: '0 5 1 * *' as string | false, timeZone: 'UTC' };
  const last = (at: string, ok = true) => ({ at, ok, problem: ok ? null : 'row counts differ' });
  test.each<[string, RestoreTestSchedule, string, string[]]>([
    [
      'that passed',
      { ...monthly, last: last('2026-11-01T05:00:00Z') },
      '2026-12-04T04:59:59Z',
      ['restore-test ok'],
    ],
    [
      'that is three days overdue',
      { ...monthly, last: last('2026-11-01T05:00:00Z') },
      '2026-12-04T05:00:01Z',
      ['restore-test fault overdue'],
    ],
    [
      'that failed',
      { ...monthly, last: last('2026-11-01T05:00:00Z', false) },
      '2026-11-02T05:00:00Z',
      ['restore-test fault failed'],
    ],
    [
      'that failed without a schedule',
      { ...monthly, schedule: false, last: last('2026-11-01T05:00:00Z', false) },
      '2026-11-02T05:00:00Z',
      ['restore-test fault failed'],
    ],
    [
      'that never was, and is not due',
      { ...monthly, last: null },
      '2026-11-30T00:00:00Z',
      ['restore-test ok'],
    ],
    [
      'that never was, and is overdue',
      { ...monthly, last: null },
      '2026-12-05T00:00:00Z',
      ['restore-test fault overdue'],
    ],
    [
      'that is not planned',
      { ...monthly, schedule: false, last: null },
      '2027-12-05T00:00:00Z',
      [],
    ],
  ])('%s', (_, { last: test, ...restoreTest }, now, expected) => {
    const findings = judgeRestoreTest(
      {
        name: 'shop',
        manifests: [backup('2026-11-10')],
        timeZone: 'UTC',
        last: test && { ...test, id: null, durationMs: 1 },
      },
      { now: new Date(now), config: { restoreTest } },
    );
    expect(shortly(findings)).toEqual(expected);
    expectHints(findings);
  });
});

describe('holds', () => {
  const days = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'];
  const manifests = days.map((day) => backup(day));
  const at = (held: readonly string[], more: Partial<CatalogFacts> = {}) =>
    judgeHolds(facts({ manifests, objects: objectsOf(days, held), ...more }));
  test.each<[string, Finding[], string[]]>([
    ['on the newest two are right', at(days.slice(2)), ['holds ok']],
    ['are missing on one of them', at(days.slice(3)), ['holds fault missing']],
    ['on three are too many', at(days.slice(1)), ['holds fault excess']],
    [
      'on the wrong ones are both',
      at(days.slice(0, 2)),
      ['holds fault missing', 'holds fault excess'],
    ],
    ['are not looked at while a backup is made', at([], { busy: true }), ['holds ok']],
    [
      'on a chain reach down to its base',
      judgeHolds(
        facts({
          manifests: [
            backup(days[0] ?? ''),
            child(days[1] ?? '', days[0] ?? ''),
            child(days[2] ?? '', days[1] ?? '', 2),
          ],
          objects: objectsOf(days.slice(0, 3), days.slice(1, 3)),
        }),
      ),
      ['holds fault missing'],
    ],
    [
      'of what cannot be read are no excess',
      at(days.slice(1), {
        manifests: manifests.filter(({ id }) => id !== idOf('2026-11-21')),
        damaged: [{ id: idOf('2026-11-21'), message: 'cut' }],
      }),
      ['holds ok'],
    ],
    [
      'of what has no manifest are an excess',
      judgeHolds(facts({ objects: objectsOf(['2026-11-20']) })),
      ['holds fault excess'],
    ],
  ])('%s', (_, findings, expected) => {
    expect(shortly(findings)).toEqual(expected);
    expectHints(findings);
  });
});

describe('the objects of the newest backup', () => {
  const [base, tip] = ['2026-11-22', '2026-11-23'];
  const manifests = [backup(base), child(tip, base)];
  const objects = objectsOf([base, tip]);
  const but = (key: string, seen?: object) => {
    const changed = new Map(objects);
    changed.delete(key);
    return seen ? changed.set(key, { size: 100, held: true, ...seen }) : changed;
  };
  test.each<[string, Partial<CatalogFacts>, string[]]>([
    ['are whole', { manifests, objects }, ['objects ok']],
    ['are missing', { manifests, objects: but(keyOf(tip, 'a/data')) }, ['objects fault object']],
    [
      'are missing in its base',
      { manifests, objects: but(keyOf(base, 'a/data')) },
      ['objects fault object'],
    ],
    [
      'have another size',
      { manifests, objects: but(keyOf(base, 'a/data'), { size: 99 }) },
      ['objects fault object'],
    ],
    [
      'have another checksum',
      { manifests, objects: but(keyOf(tip, 'a/data'), { crc32c: '0000000b' }) },
      ['objects fault object'],
    ],
    [
      'have a checksum that the store no longer knows',
      { manifests, objects: but(keyOf(tip, 'a/data'), {}) },
      ['objects warning suspect'],
    ],
    ['lack an ancestor', { manifests: manifests.slice(1), objects }, ['objects fault chain']],
    [
      'are whole, and another manifest cannot be read',
      { manifests, objects, damaged: [{ id: 'x', message: 'cut' }] },
      ['objects fault manifest'],
    ],
    ['are none', {}, []],
  ])('%s', (_, more, expected) => {
    const findings = judgeObjects(facts(more));
    expect(shortly(findings)).toEqual(expected);
    expectHints(findings);
  });
});

const PLACE = {
  prefix: 'lifeboat-',
  projectId: 'acme',
  location: 'europe-west1',
  account: 'lifeboat-schedule@acme.iam.gserviceaccount.com',
};

describe('a job of Cloud Scheduler', () => {
  const wanted = {
    database: 'shop',
    name: 'lifeboat-backup-shop',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    target: { kind: 'function' as const, topic: 'lifeboat-backup' },
  };
  const message = (text: string) => ({ data: Buffer.from(text) });
  const job = (more: Partial<JobFacts> = {}): JobFacts => ({
    state: 'enabled',
    code: 0,
    message: '',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    topic: 'projects/acme/topics/lifeboat-backup',
    uri: '',
    method: '',
    account: '',
    audience: '',
    data: Buffer.from('{"database":"shop","kind":"auto","reason":"schedule"}'),
    next: null,
    ...more,
  });
  test.each<[string, JobFacts | undefined, string]>([
    ['as configured', job(), ''],
    ['with more white space in its cron', job({ schedule: ' 0  3 * * * ' }), ''],
    ['that is missing', undefined, 'missing'],
    ['that is paused', job({ state: 'paused' }), 'paused'],
    ['that was disabled', job({ state: 'disabled' }), 'disabled'],
    ['whose update failed', job({ state: 'update-failed' }), 'state'],
    ['with another cron', job({ schedule: '0 4 * * *' }), 'cron'],
    ['with another name of its time zone', job({ timeZone: 'Etc/UTC' }), ''],
    ['with a time zone that nobody knows', job({ timeZone: 'Mars/Olympus' }), 'time zone'],
    ['with another time zone', job({ timeZone: 'America/Sao_Paulo' }), 'time zone'],
    ['with a message without its defaults', job(message('{"database":"shop"}')), ''],
    ['with the message of another database', job(message('{"database":"wiki"}')), 'message'],
    ['with another reason', job(message('{"database":"shop","reason":"manual"}')), 'message'],
    ['with a message that is refused', job(message('{"db":"shop"}')), 'message'],
    ['without a message', job(message('')), 'message'],
    ['with another topic', job({ topic: 'projects/acme/topics/lifeboat-watch' }), 'topic'],
    ['that calls something else than a topic', job({ topic: '' }), 'topic'],
    ['that fails', job({ code: 5, message: 'topic not found' }), 'failing'],
  ])('%s', (_, found, about) => {
    const finding = judgeJob(wanted, found, PLACE);
    expect(shortly([finding])).toEqual([
      about ? `schedule fault lifeboat-backup-shop ${about}` : 'schedule ok',
    ]);
    expectHints([finding]);
  });
});

describe('a job of Cloud Scheduler that starts', () => {
  const data = Buffer.from('{"database":"shop","kind":"auto","reason":"schedule"}');
  const facts = (more: Partial<JobFacts>): JobFacts => ({
    state: 'enabled',
    code: 0,
    message: '',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    topic: '',
    uri: '',
    method: 'POST',
    account: PLACE.account,
    audience: '',
    data,
    next: null,
    ...more,
  });
  const wanted = (target: WantedTarget) => ({
    database: 'shop',
    name: 'lifeboat-backup-shop',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    target,
  });
  const RUN =
    'https://run.googleapis.com/v2/projects/acme/locations/europe-west1/jobs/lifeboat-backup-shop:run';
  const JOB = { kind: 'job', job: 'lifeboat-backup-shop' } as const;
  const CALL = 'https://lifeboat-backup-now-6y6kmipuda-ew.a.run.app';
  const TOPIC = 'projects/acme/topics/lifeboat-backup';
  const HTTP = { kind: 'http' } as const;
  const OLDER_RUN =
    'https://europe-west1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/acme/jobs/lifeboat-backup-shop:run';
  const NUMBERED = 'https://lifeboat-backup-now-4711.europe-west1.run.app';
  const FUNCTION = 'https://europe-west1-acme.cloudfunctions.net/lifeboat-backup-now';
  test.each<[string, WantedTarget, Partial<JobFacts>, string]>([
    ['the right Cloud Run job', JOB, { uri: RUN, data: Buffer.alloc(0) }, ''],
    ['another Cloud Run job', JOB, { uri: RUN.replace('shop', 'wiki') }, 'target'],
    ['the topic of before', JOB, { topic: TOPIC }, 'target'],
    ['nothing', JOB, {}, 'target'],
    ['a job that is missing', JOB, { uri: RUN, code: 5 }, 'failing'],
    ['the job by the number of its project', JOB, { uri: RUN.replace('acme', '4711') }, ''],
    ['the job by its older address', JOB, { uri: OLDER_RUN }, ''],
    ['the job of another project', JOB, { uri: RUN.replace('acme', 'other') }, 'target'],
    ['the job of another region', JOB, { uri: RUN.replace('west1', 'west2') }, 'target'],
    ['the job at another server', JOB, { uri: RUN.replace('run.google', 'fake.google') }, 'target'],
    ['the job with another method', JOB, { uri: RUN, method: 'GET' }, 'method'],
    ['the job as somebody else', JOB, { uri: RUN, account: 'me@example.com' }, 'account'],
    ['the job as nobody', JOB, { uri: RUN, account: '' }, 'account'],
    ['backup-now', HTTP, { uri: CALL, audience: CALL }, ''],
    ['backup-now with a slash', HTTP, { uri: `${CALL}/`, audience: CALL }, ''],
    ['backup-now by the number of its project', HTTP, { uri: NUMBERED, audience: CALL }, ''],
    ['backup-now at cloudfunctions.net', HTTP, { uri: FUNCTION, audience: FUNCTION }, ''],
    ['backup-now at a domain of its own', HTTP, { uri: 'https://backup.acme.com' }, ''],
    ['another function', HTTP, { uri: CALL.replace('backup-now', 'status') }, 'target'],
    ['another function at cloudfunctions.net', HTTP, { uri: `${FUNCTION}-2` }, 'target'],
    ['backup-now of staging', HTTP, { uri: CALL.replace('boat', 'boat-staging') }, 'target'],
    ['a service with a longer name', HTTP, { uri: CALL.replace('now', 'now-2') }, 'target'],
    ['backup-now of another region', HTTP, { uri: NUMBERED.replace('t1', 't2') }, 'target'],
    ['backup-now of another project', HTTP, { uri: FUNCTION.replace('acme', 'x') }, 'target'],
    ['backup-now without TLS', HTTP, { uri: CALL.replace('https', 'http') }, 'target'],
    ['a page of backup-now', HTTP, { uri: `${CALL}/x` }, 'target'],
    ['backup-now with a query', HTTP, { uri: `${CALL}?x=1` }, 'target'],
    ['no address', HTTP, { uri: 'nothing' }, 'target'],
    ['backup-now with another method', HTTP, { uri: CALL, method: 'GET' }, 'method'],
    ['backup-now as somebody else', HTTP, { uri: CALL, account: 'me@example.com' }, 'account'],
    [
      'backup-now with a token for another function',
      HTTP,
      { uri: CALL, audience: CALL.replace('backup-now', 'status') },
      'audience',
    ],
    [
      'backup-now for another database',
      HTTP,
      { uri: CALL, data: Buffer.from('{"database":"wiki"}') },
      'message',
    ],
    ['a Cloud Run job instead of backup-now', HTTP, { uri: RUN }, 'target'],
    ['the topic instead of backup-now', HTTP, { topic: TOPIC }, 'target'],
    [
      'backup-now instead of the topic',
      { kind: 'function', topic: 'lifeboat-backup' },
      { uri: CALL },
      'topic',
    ],
  ])('%s', (_, target, more, about) => {
    const finding = judgeJob(wanted(target), facts(more), PLACE);
    expect(shortly([finding])).toEqual([
      about ? `schedule fault lifeboat-backup-shop ${about}` : 'schedule ok',
    ]);
    expectHints([finding]);
  });
});

test.each([
  [8, 'warning'],
  [14, 'warning'],
  [7, 'fault'],
  [5, 'fault'],
])('a call of backup-now that failed with code %d is a %s', (code, level) => {
  const wanted = {
    database: 'shop',
    name: 'lifeboat-backup-shop',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    target: { kind: 'http' as const },
  };
  const job: JobFacts = {
    state: 'enabled',
    code,
    message: '',
    schedule: '0 3 * * *',
    timeZone: 'UTC',
    topic: '',
    uri: 'https://lifeboat-backup-now-6y6kmipuda-ew.a.run.app',
    method: 'POST',
    account: PLACE.account,
    audience: '',
    data: Buffer.from('{"database":"shop"}'),
    next: null,
  };
  const finding = judgeJob(wanted, job, PLACE);
  expect(finding).toMatchObject({ about: 'lifeboat-backup-shop failing', level });
  expectHints([finding]);
});

describe('the store', () => {
  const good = {
    name: 'acme',
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
  test.each<[string, object, string[]]>([
    ['as it should be', {}, ['ok']],
    [
      'with another rule that deletes',
      { rules: [expectedRule(''), { action: { type: 'Delete' }, condition: { age: 30 } }] },
      ['fault'],
    ],
    ['without its rule', { rules: [] }, ['fault', 'fault', 'fault']],
    ['open to the public', { publicAccessPrevention: 'inherited' }, ['fault']],
    ['without soft delete', { softDeleteSeconds: 0 }, ['fault']],
    ['that only costs more', { versioning: true }, ['warning']],
  ])('is a bucket %s', (_, more, expected) => {
    const findings = judgeBucket({ ...good, ...more }, '');
    expect(findings.map(({ level }) => level)).toEqual(expected);
    expectHints(findings);
  });

  test.each<[string, CopyFacts['missing'], boolean, string]>([
    ['has everything', 0, false, 'ok'],
    ['lacks two', 2, false, 'fault'],
    ['lacks what is being copied', 2, true, 'ok'],
    ['cannot be read', { error: 'no such folder' }, true, 'fault'],
  ])('has a copy that %s', (_, missing, busy, expected) => {
    const finding = judgeCopy({ name: 'shop', url: '/mnt/nas', missing, busy });
    expect([finding.level, finding.about]).toEqual([expected, '/mnt/nas']);
    expectHints([finding]);
  });
});

describe('a database that the configuration does not name', () => {
  const nightly = ['2026-11-01', '2026-11-02', '2026-11-03'];
  const weekdays = ['2026-11-05', '2026-11-06', '2026-11-09', '2026-11-10'];
  test.each<[string, readonly string[], string, string, boolean]>([
    ['nightly, a night ago', nightly, 'schedule', '2026-11-04T04:00:00Z', false],
    ['nightly, two days ago to the second', nightly, 'schedule', '2026-11-05T03:00:00Z', false],
    ['nightly, more than two days ago', nightly, 'schedule', '2026-11-05T03:00:01Z', true],
    ['on weekdays, over a weekend and a day', weekdays, 'schedule', '2026-11-16T03:00:00Z', false],
    [
      'on weekdays, for longer than two weekends',
      weekdays,
      'schedule',
      '2026-11-16T03:00:01Z',
      true,
    ],
    [
      'monthly, seven weeks ago',
      ['2026-10-01', '2026-11-01'],
      'schedule',
      '2026-12-20T03:00:00Z',
      false,
    ],
    [
      'monthly, two months ago',
      ['2026-10-01', '2026-11-01'],
      'schedule',
      '2027-01-02T04:00:00Z',
      true,
    ],
    ['a single time, a week ago', ['2026-11-01'], 'schedule', '2026-11-09T03:00:00Z', false],
    [
      'a single time, more than eight days ago',
      ['2026-11-01'],
      'schedule',
      '2026-11-09T03:00:01Z',
      true,
    ],
    ['by hand only', nightly, 'manual', '2027-11-05T03:00:00Z', false],
    ['never', [], 'schedule', '2027-11-05T03:00:00Z', false],
  ])('backed up %s', (_, days, reason, now, alarmed) => {
    const manifests = days.map((day) => backup(day, { reason }));
    const findings = judgeUnconfigured(
      { name: 'shop', manifests, isHeld: () => true },
      new Date(now),
    );
    expect(findings).toMatchObject(
      alarmed ? [{ check: 'unconfigured', level: 'fault', about: 'shop' }] : [],
    );
    expect(
      judgeUnconfigured({ name: 'shop', manifests, isHeld: () => false }, new Date(now)),
      'retired',
    ).toEqual([]);
  });

  test('what was backed up by hand since does not count, and a salvage copy is no backup', () => {
    const more = [
      backup('2026-11-20', { reason: 'manual' }),
      backup('2026-11-21', { reason: 'schedule', salvage: true }),
    ];
    const manifests = [...nightly.map((day) => backup(day, { reason: 'schedule' })), ...more];
    expect(
      judgeUnconfigured(
        { name: 'shop', manifests, isHeld: () => true },
        new Date('2026-11-21T04:00:00Z'),
      ),
    ).toMatchObject([
      {
        detail: 'shop is no longer in lifeboat.yaml; its last scheduled backup was 18 days ago',
      },
    ]);
  });
});
