import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { confirm } from '../../core/alerts/confirm.ts';
import { decide, type Alert } from '../../core/alerts/decide.ts';
import { EMPTY_MEMORY, parseMemory, type NotificationMemory } from '../../core/alerts/memory.ts';
import type { Observation } from '../../core/alerts/rules.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-24T03:00:00Z');
const LEASE = 120_000;

type Step = { hours: number; see?: Observation[] };
const at = (hours: number): string => new Date(START + hours * HOUR).toISOString();
const bad = (
  hours: number,
  fault = 'snapshot/source_busy',
  subject = 'backup',
  kind = 'failed',
): Observation => ({
  subject,
  kind,
  fault,
  state: 'bad',
  at: at(hours),
  note: { code: fault, run: `run-${hours}` },
});
const good = (hours: number, subject = 'backup'): Observation => ({
  subject,
  state: 'good',
  at: at(hours),
  note: {},
});
const tested = (occurrence: string): Observation => ({
  subject: 'restore-test',
  state: 'event',
  kind: 'restore-test-passed',
  occurrence,
  at: at(0),
  note: {},
});

const nameOf = ({ kind, reminder }: Alert): string => (reminder ? `${kind} (still)` : kind);

/** Several processes in turn: each sends its alerts and confirms them. */
const play = (
  steps: readonly Step[],
  delivers: (alert: Alert) => boolean = () => true,
  from: NotificationMemory = EMPTY_MEMORY,
) => {
  let memory = from;
  const sent = steps.map(({ hours, see = [] }, n) => {
    const claimant = { now: new Date(START + hours * HOUR), runId: `run-${n}`, leaseMs: LEASE };
    const decision = decide(memory, see, claimant);
    memory = decision.memory;
    for (const alert of decision.alerts)
      memory = confirm(memory, { alert, delivered: delivers(alert) }, claimant);
    return decision.alerts;
  });
  return { memory, sent, names: sent.map((each) => each.map(nameOf).join('+')) };
};

const one = (hours: number, ...see: Observation[]): Step => ({ hours, see });

describe('decide', () => {
  test.each<[string, Step[], string[]]>([
    ['a first failure is reported', [one(0, bad(0))], ['failed']],
    [
      'ten retries of a failure are reported once',
      Array.from({ length: 10 }, (_, n) => one(n / 60, bad(n / 60))),
      ['failed', ...Array(9).fill('')],
    ],
    [
      'a redelivery of the same observation is reported once',
      [one(0, bad(0)), one(0.1, bad(0))],
      ['failed', ''],
    ],
    [
      'a failure that lasts is reported again a day later',
      [one(0, bad(0)), one(22.9, bad(22.9)), one(23.9, bad(23.9)), one(24.5, bad(24.5))],
      ['failed', '', 'failed (still)', ''],
    ],
    [
      'a different code is reported at once',
      [one(0, bad(0)), one(0.1, bad(0.1, 'snapshot/source_invalid'))],
      ['failed', 'failed'],
    ],
    [
      'a different step is reported at once',
      [one(0, bad(0)), one(0.1, bad(0.1, 'store/source_busy'))],
      ['failed', 'failed'],
    ],
    [
      'alternating faults are reported once each',
      [one(0, bad(0, 'a')), one(1, bad(1, 'b')), one(2, bad(2, 'a')), one(3, bad(3, 'b'))],
      ['failed', 'failed', '', ''],
    ],
    [
      'a recovery is reported once',
      [one(0, bad(0)), one(1, good(1)), one(2, good(2))],
      ['failed', 'recovered', ''],
    ],
    [
      'a success without an earlier problem is not reported',
      [one(0, good(0)), one(24, good(24))],
      ['', ''],
    ],
    [
      'the same failure after a recovery is reported again',
      [one(0, bad(0)), one(1, good(1)), one(2, bad(2))],
      ['failed', 'recovered', 'failed'],
    ],
    [
      'one success that resolves two problems is reported once',
      [one(0, bad(0), bad(0, 'late', 'late', 'late')), one(1, good(1), good(1, 'late'))],
      ['failed+late', 'recovered'],
    ],
    [
      'a late backup is reported, then daily',
      [0, 1, 2, 24, 25, 48].map((h) => one(h, bad(h, 'late', 'late', 'late'))),
      ['late', '', '', 'late (still)', '', 'late (still)'],
    ],
    [
      'a failed copy and low space are separate problems',
      [one(0, bad(0, 'x', 'copy:nas', 'copy-failing'), bad(0, 'y', 'space', 'space-low'))],
      ['copy-failing+space-low'],
    ],
    [
      'the end of one problem leaves the other open',
      [
        one(0, bad(0), bad(0, 'y', 'space', 'space-low')),
        one(1, good(1)),
        one(2, bad(2, 'y', 'space', 'space-low')),
      ],
      ['failed+space-low', 'recovered', ''],
    ],
    [
      'a restore test result is reported once',
      [one(0, tested('2026-11')), one(1, tested('2026-11')), one(2, tested('2026-12'))],
      ['restore-test-passed', '', 'restore-test-passed'],
    ],
    [
      'a success older than the failure is no recovery',
      [one(2, bad(2)), one(2.1, good(1)), one(3, good(3))],
      ['failed', '', 'recovered'],
    ],
  ])('%s', (_, steps, expected) => {
    expect(play(steps).names).toEqual(expected);
  });

  test('a flapping database is reported a few times, then daily, and its last recovery after a quiet day', () => {
    const flaps = Array.from({ length: 48 }, (_, n) =>
      one(n / 2, n % 2 === 0 ? bad(n / 2) : good(n / 2)),
    );
    const quiet = Array.from({ length: 30 }, (_, n) => one(24 + n, good(24 + n)));
    const { names, sent } = play([...flaps, ...quiet]);
    const said = names.filter(Boolean);
    expect(said.slice(0, 7)).toEqual([
      'failed',
      'recovered',
      'failed',
      'recovered',
      'failed',
      'recovered',
      'failed',
    ]);
    expect(said.length).toBeLessThanOrEqual(10);
    expect(said.at(-1)).toBe('recovered');
    expect(sent.flat().map(({ flapping }) => flapping)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      ...sent
        .flat()
        .slice(7)
        .map(() => expect.any(Boolean)),
    ]);
  });

  test('many different faults of one problem send a limited number of messages a day, and the next one names the newest', () => {
    const { names, sent } = play([
      ...Array.from({ length: 30 }, (_, n) => one(n / 2, bad(n / 2, `fault-${n}`))),
      one(26, bad(26, 'last')),
    ]);
    expect(names.filter(Boolean)).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
    ]);
    expect(sent.flat().at(-1)).toMatchObject({ note: { code: 'last' }, since: at(0) });
  });

  test('a recovery names the failure and when it began', () => {
    const { sent } = play([one(0, bad(0)), one(5, bad(5, 'store/store_denied')), one(9, good(9))]);
    expect(sent.flat().at(-1)).toMatchObject({
      kind: 'recovered',
      since: at(0),
      at: at(9),
      trouble: { code: 'store/store_denied' },
    });
  });

  test('the next call sends an alert that no channel took, even without observations', () => {
    let fails = 2;
    const { names } = play([one(0, bad(0)), one(1), one(2), one(3)], () => (fails -= 1) < 0);
    expect(names).toEqual(['failed', 'failed', 'failed', '']);
  });

  test('a recovery names a failure whose own alert never arrived', () => {
    const { names } = play(
      [one(0, bad(0)), one(1, good(1)), one(2)],
      ({ kind }) => kind === 'recovered',
    );
    expect(names).toEqual(['failed', 'recovered', '']);
  });

  test('a recovery that did not arrive is sent again, unless the backup failed meanwhile', () => {
    const first = (() => { let n = 0; return ({ kind }: Alert) => kind !== 'recovered' || (n += 1) > 1; }); // prettier-ignore
    expect(play([one(0, bad(0)), one(1, good(1)), one(2)], first()).names).toEqual([
      'failed',
      'recovered',
      'recovered',
    ]);
    expect(play([one(0, bad(0)), one(1, good(1)), one(2, bad(2)), one(3)], first()).names).toEqual([
      'failed',
      'recovered',
      'failed',
      '',
    ]);
  });

  test('a clock that went back by years delays nothing', () => {
    const ahead = 24 * 365 * 70;
    expect(play([one(ahead, bad(ahead)), one(0, bad(0)), one(1, bad(1))]).names).toEqual([
      'failed',
      'failed (still)',
      '',
    ]);
    expect(play([one(ahead, bad(ahead)), one(0, good(0)), one(1, bad(1))]).names).toEqual([
      'failed',
      'recovered',
      'failed',
    ]);
    const claimed = decide(EMPTY_MEMORY, [bad(ahead)], {
      now: new Date(START + ahead * HOUR),
      runId: 'dead',
      leaseMs: LEASE,
    }).memory;
    expect(play([one(0)], undefined, claimed).names).toEqual(['failed']);
  });

  test('a memory is small, valid and forgets resolved problems', () => {
    const { memory } = play([one(0, bad(0)), one(1, good(1)), one(30, good(30))]);
    expect(memory).toEqual(EMPTY_MEMORY);
    const long = play(
      Array.from({ length: 500 }, (_, n) =>
        one(n, bad(n, `f${n}${'x'.repeat(400)}`), tested(String(n))),
      ),
    ).memory;
    expect(parseMemory(long)).toEqual(long);
    expect(JSON.stringify(long).length).toBeLessThan(20_000);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    ['x'],
    [{ version: 2, subjects: {} }],
    [{ version: 1, subjects: { backup: { open: 'yes' } } }],
  ])('an invalid stored memory counts as empty: %j', (value) =>
    expect(parseMemory(value)).toEqual(EMPTY_MEMORY),
  );
});

describe('two runs at once', () => {
  const now = new Date(START);
  const run = (runId: string) => ({ now, runId, leaseMs: LEASE });
  const delivered = (memory: NotificationMemory, alert: Alert, runId: string) =>
    confirm(memory, { alert, delivered: true }, run(runId));

  test('of two runs with the same observation, the first to swap sends', () => {
    const first = decide(EMPTY_MEMORY, [bad(0)], run('a'));
    expect(decide(first.memory, [bad(0)], run('b')).alerts).toEqual([]);
    expect(first.alerts).toHaveLength(1);
  });

  test('the alert of a crashed run is sent by another when the lease ends, and not before', () => {
    const { memory } = decide(EMPTY_MEMORY, [bad(0)], run('dead'));
    const later = (ms: number) =>
      decide(memory, [], { now: new Date(START + ms), runId: 'b', leaseMs: LEASE }).alerts.map(
        nameOf,
      );
    expect([later(LEASE - 1), later(LEASE)]).toEqual([[], ['failed']]);
  });

  test('a failure while a recovery is being sent is reported, in whatever order both arrive', () => {
    const open = play([one(-1, bad(-1))]).memory;
    const recovery = decide(open, [good(0)], run('a'));
    const failure = decide(recovery.memory, [bad(0)], run('b'));
    expect([recovery.alerts.map(nameOf), failure.alerts.map(nameOf)]).toEqual([
      ['recovered'],
      ['failed'],
    ]);
    const [recovered, failed] = [recovery.alerts[0] as Alert, failure.alerts[0] as Alert];
    const orders = [
      delivered(delivered(failure.memory, recovered, 'a'), failed, 'b'),
      delivered(delivered(failure.memory, failed, 'b'), recovered, 'a'),
    ];
    for (const memory of orders) {
      expect(memory.subjects['backup']).toMatchObject({ open: true, claims: [] });
      expect(decide(memory, [bad(0.1)], run('c')).alerts).toEqual([]);
      expect(decide(memory, [good(0.2)], run('c')).alerts.map(nameOf)).toEqual(['recovered']);
    }
  });

  test('a recovery while a failure is being sent stays, in whatever order both arrive', () => {
    const failure = decide(EMPTY_MEMORY, [bad(0)], run('a'));
    const recovery = decide(failure.memory, [good(0.01)], run('b'));
    const [failed, recovered] = [failure.alerts[0] as Alert, recovery.alerts[0] as Alert];
    for (const order of [
      [failed, recovered],
      [recovered, failed],
    ]) {
      const memory = order.reduce(
        (each, alert) => delivered(each, alert, alert === failed ? 'a' : 'b'),
        recovery.memory,
      );
      expect(memory.subjects['backup']).toMatchObject({ open: false, claims: [] });
    }
  });
});

describe('any sequence of events', () => {
  const move = fc.record({
    hours: fc.oneof(
      fc.double({ min: 0, max: 30, noNaN: true }),
      fc.double({ min: -100_000, max: 100_000, noNaN: true }),
    ),
    state: fc.constantFrom('bad', 'bad', 'good', 'none'),
    fault: fc.constantFrom('a', 'b', 'c'),
    fate: fc.constantFrom('delivered', 'delivered', 'refused', 'dead before', 'dead after'),
  });

  test('every failure has a message that arrived or is still to be sent', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        let memory = EMPTY_MEMORY;
        let hours = 0;
        // The last message that the recipients got, and the true state.
        let heard = 'fine' as 'trouble' | 'fine';
        let state = 'good' as 'bad' | 'good';
        moves.forEach((each, n) => {
          hours += each.hours;
          const claimant = {
            now: new Date(START + hours * HOUR),
            runId: `run-${n}`,
            leaseMs: LEASE,
          };
          const see =
            each.state === 'none'
              ? []
              : [each.state === 'bad' ? bad(hours, each.fault) : good(hours)];
          const decision = decide(memory, see, claimant);
          memory = parseMemory(JSON.parse(JSON.stringify(decision.memory)));
          expect(memory).toEqual(decision.memory);
          if (each.state === 'bad') state = 'bad';
          else if (memory.subjects['backup']?.last !== 'bad') state = 'good';
          for (const alert of decision.alerts) {
            if (each.fate === 'delivered' || each.fate === 'dead after')
              heard = alert.direction === 'bad' ? 'trouble' : 'fine';
            if (!each.fate.startsWith('dead'))
              memory = confirm(memory, { alert, delivered: each.fate === 'delivered' }, claimant);
          }
          const pending =
            memory.subjects['backup']?.claims.some(({ direction }) => direction === 'bad') ?? false;
          if (state === 'bad') expect(heard === 'trouble' || pending).toBe(true);
        });
        // The next watch sends every pending alert.
        hours += 1;
        const claimant = { now: new Date(START + hours * HOUR), runId: 'watch', leaseMs: LEASE };
        for (const alert of decide(memory, [], claimant).alerts)
          heard = alert.direction === 'bad' ? 'trouble' : 'fine';
        if (state === 'bad') expect(heard).toBe('trouble');
      }),
      { numRuns: 1000 },
    );
  });

  test('a subject sends a limited number of messages within a day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ state: fc.boolean(), fault: fc.nat(50) }), { maxLength: 200 }),
        (moves) => {
          const steps = moves.map(({ state, fault }, n) =>
            one(n / 10, state ? bad(n / 10, `f${fault}`) : good(n / 10)),
          );
          expect(play(steps).sent.flat().length).toBeLessThanOrEqual(14);
        },
      ),
      { numRuns: 300 },
    );
  });
});
