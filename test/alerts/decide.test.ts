import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, settle, type Alert } from '../../core/alerts/decide.ts';
import { memorySchema, NO_MEMORY, parseMemory, type Memory } from '../../core/alerts/memory.ts';
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

/** One process after the other, each sending what it may and settling it. */
const play = (
  steps: readonly Step[],
  delivers: (telling: Alert) => boolean = () => true,
  from: Memory = NO_MEMORY,
) => {
  let memory = from;
  const told = steps.map(({ hours, see = [] }, n) => {
    const claimant = { now: new Date(START + hours * HOUR), by: `run-${n}`, leaseMs: LEASE };
    const decision = decide(memory, see, claimant);
    memory = decision.memory;
    for (const telling of decision.tell)
      memory = settle(memory, telling, delivers(telling), claimant);
    return decision.tell;
  });
  return { memory, told, names: told.map((each) => each.map(nameOf).join('+')) };
};

const one = (hours: number, ...see: Observation[]): Step => ({ hours, see });

describe('what is told when', () => {
  test.each<[string, Step[], string[]]>([
    ['a first failure is told', [one(0, bad(0))], ['failed']],
    [
      'ten retries of it are told once',
      Array.from({ length: 10 }, (_, n) => one(n / 60, bad(n / 60))),
      ['failed', ...Array(9).fill('')],
    ],
    [
      'a redelivery of the same observation is told once',
      [one(0, bad(0)), one(0.1, bad(0))],
      ['failed', ''],
    ],
    [
      'it is told again a day later',
      [one(0, bad(0)), one(22.9, bad(22.9)), one(23.9, bad(23.9)), one(24.5, bad(24.5))],
      ['failed', '', 'failed (still)', ''],
    ],
    [
      'another code is told at once',
      [one(0, bad(0)), one(0.1, bad(0.1, 'snapshot/source_invalid'))],
      ['failed', 'failed'],
    ],
    [
      'another step is told at once',
      [one(0, bad(0)), one(0.1, bad(0.1, 'store/source_busy'))],
      ['failed', 'failed'],
    ],
    [
      'faults that alternate are each told once',
      [one(0, bad(0, 'a')), one(1, bad(1, 'b')), one(2, bad(2, 'a')), one(3, bad(3, 'b'))],
      ['failed', 'failed', '', ''],
    ],
    [
      'a recovery is told once',
      [one(0, bad(0)), one(1, good(1)), one(2, good(2))],
      ['failed', 'recovered', ''],
    ],
    ['success alone is not told', [one(0, good(0)), one(24, good(24))], ['', '']],
    [
      'a failure after a recovery is told again, though it is the same',
      [one(0, bad(0)), one(1, good(1)), one(2, bad(2))],
      ['failed', 'recovered', 'failed'],
    ],
    [
      'one success that ends two troubles is told once',
      [one(0, bad(0), bad(0, 'late', 'late', 'late')), one(1, good(1), good(1, 'late'))],
      ['failed+late', 'recovered'],
    ],
    [
      'a late backup is told, and daily',
      [0, 1, 2, 24, 25, 48].map((h) => one(h, bad(h, 'late', 'late', 'late'))),
      ['late', '', '', 'late (still)', '', 'late (still)'],
    ],
    [
      'a copy and the space are troubles of their own',
      [one(0, bad(0, 'x', 'copy:nas', 'copy-failing'), bad(0, 'y', 'space', 'space-low'))],
      ['copy-failing+space-low'],
    ],
    [
      'the end of one trouble leaves another alone',
      [
        one(0, bad(0), bad(0, 'y', 'space', 'space-low')),
        one(1, good(1)),
        one(2, bad(2, 'y', 'space', 'space-low')),
      ],
      ['failed+space-low', 'recovered', ''],
    ],
    [
      'a result of a test is told once',
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

  test('a flapping database is told a few times, then daily, and its last recovery once it is quiet', () => {
    const flaps = Array.from({ length: 48 }, (_, n) =>
      one(n / 2, n % 2 === 0 ? bad(n / 2) : good(n / 2)),
    );
    const quiet = Array.from({ length: 30 }, (_, n) => one(24 + n, good(24 + n)));
    const { names, told } = play([...flaps, ...quiet]);
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
    expect(told.flat().map(({ flapping }) => flapping)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      ...told
        .flat()
        .slice(7)
        .map(() => expect.any(Boolean)),
    ]);
  });

  test('many different faults of one trouble are bounded within a day, and the next message names the newest', () => {
    const { names, told } = play([
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
    expect(told.flat().at(-1)).toMatchObject({ note: { code: 'last' }, since: at(0) });
  });

  test('a recovery says since when it had failed, and what', () => {
    const { told } = play([one(0, bad(0)), one(5, bad(5, 'store/store_denied')), one(9, good(9))]);
    expect(told.flat().at(-1)).toMatchObject({
      kind: 'recovered',
      since: at(0),
      at: at(9),
      trouble: { code: 'store/store_denied' },
    });
  });

  test('what no channel took is told by the next call, even with nothing new', () => {
    let fails = 2;
    const { names } = play([one(0, bad(0)), one(1), one(2), one(3)], () => (fails -= 1) < 0);
    expect(names).toEqual(['failed', 'failed', 'failed', '']);
  });

  test('a failure that nobody heard of is still named by the recovery', () => {
    const { names } = play(
      [one(0, bad(0)), one(1, good(1)), one(2)],
      ({ kind }) => kind === 'recovered',
    );
    expect(names).toEqual(['failed', 'recovered', '']);
  });

  test('a recovery that did not arrive is told again, unless it fails meanwhile', () => {
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
    const claimed = decide(NO_MEMORY, [bad(ahead)], {
      now: new Date(START + ahead * HOUR),
      by: 'dead',
      leaseMs: LEASE,
    }).memory;
    expect(play([one(0)], undefined, claimed).names).toEqual(['failed']);
  });

  test('a memory is small, valid and forgets what is over', () => {
    const { memory } = play([one(0, bad(0)), one(1, good(1)), one(30, good(30))]);
    expect(memory).toEqual(NO_MEMORY);
    const long = play(
      Array.from({ length: 500 }, (_, n) =>
        one(n, bad(n, `f${n}${'x'.repeat(400)}`), tested(String(n))),
      ),
    ).memory;
    expect(memorySchema.safeParse(long).error).toBeUndefined();
    expect(JSON.stringify(long).length).toBeLessThan(20_000);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    ['x'],
    [{ version: 2, subjects: {} }],
    [{ version: 1, subjects: { backup: { open: 'yes' } } }],
  ])('a stored value that is no memory is as none: %j', (value) =>
    expect(parseMemory(value)).toEqual(NO_MEMORY),
  );
});

describe('two runs at once', () => {
  const now = new Date(START);
  const run = (by: string) => ({ now, by, leaseMs: LEASE });

  test('of two that see the same, the one that swapped first tells', () => {
    const first = decide(NO_MEMORY, [bad(0)], run('a'));
    expect(decide(first.memory, [bad(0)], run('b')).tell).toEqual([]);
    expect(first.tell).toHaveLength(1);
  });

  test('what one claimed and died of is told by another once the claim has run out, and not before', () => {
    const { memory } = decide(NO_MEMORY, [bad(0)], run('dead'));
    const later = (ms: number) =>
      decide(memory, [], { now: new Date(START + ms), by: 'b', leaseMs: LEASE }).tell.map(nameOf);
    expect([later(LEASE - 1), later(LEASE)]).toEqual([[], ['failed']]);
  });

  test('a failure during the telling of a recovery is told, in whatever order both arrive', () => {
    const open = play([one(-1, bad(-1))]).memory;
    const recovery = decide(open, [good(0)], run('a'));
    const failure = decide(recovery.memory, [bad(0)], run('b'));
    expect([recovery.tell.map(nameOf), failure.tell.map(nameOf)]).toEqual([
      ['recovered'],
      ['failed'],
    ]);
    const [told, again] = [recovery.tell[0] as Alert, failure.tell[0] as Alert];
    const orders = [
      settle(settle(failure.memory, told, true, run('a')), again, true, run('b')),
      settle(settle(failure.memory, again, true, run('b')), told, true, run('a')),
    ];
    for (const memory of orders) {
      expect(memory.subjects['backup']).toMatchObject({ open: true, claims: [] });
      expect(decide(memory, [bad(0.1)], run('c')).tell).toEqual([]);
      expect(decide(memory, [good(0.2)], run('c')).tell.map(nameOf)).toEqual(['recovered']);
    }
  });

  test('a recovery during the telling of a failure stays, in whatever order both arrive', () => {
    const failure = decide(NO_MEMORY, [bad(0)], run('a'));
    const recovery = decide(failure.memory, [good(0.01)], run('b'));
    const [told, over] = [failure.tell[0] as Alert, recovery.tell[0] as Alert];
    for (const order of [
      [told, over],
      [over, told],
    ]) {
      // prettier-ignore
      const memory = order.reduce((each, telling) => settle(each, telling, true, run(telling === told ? 'a' : 'b')), recovery.memory);
      expect(memory.subjects['backup']).toMatchObject({ open: false, claims: [] });
    }
  });
});

describe('whatever happens', () => {
  const move = fc.record({
    hours: fc.oneof(
      fc.double({ min: 0, max: 30, noNaN: true }),
      fc.double({ min: -100_000, max: 100_000, noNaN: true }),
    ),
    state: fc.constantFrom('bad', 'bad', 'good', 'none'),
    fault: fc.constantFrom('a', 'b', 'c'),
    fate: fc.constantFrom('delivered', 'delivered', 'refused', 'dead before', 'dead after'),
  });

  test('nobody who should know of a failure stays without a message that arrived or is still to be sent', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        let memory = NO_MEMORY;
        let hours = 0;
        // What the person has heard last, and whether any failure since was left out.
        let heard = 'fine' as 'trouble' | 'fine';
        let state = 'good' as 'bad' | 'good';
        moves.forEach((each, n) => {
          hours += each.hours;
          const claimant = { now: new Date(START + hours * HOUR), by: `run-${n}`, leaseMs: LEASE };
          const see =
            each.state === 'none'
              ? []
              : [each.state === 'bad' ? bad(hours, each.fault) : good(hours)];
          const decision = decide(memory, see, claimant);
          memory = parseMemory(JSON.parse(JSON.stringify(decision.memory)));
          expect(memory).toEqual(decision.memory);
          if (each.state === 'bad') state = 'bad';
          else if (memory.subjects['backup']?.last !== 'bad') state = 'good';
          for (const telling of decision.tell) {
            if (each.fate === 'delivered' || each.fate === 'dead after')
              heard = telling.direction === 'bad' ? 'trouble' : 'fine';
            if (!each.fate.startsWith('dead'))
              memory = settle(memory, telling, each.fate === 'delivered', claimant);
          }
          const pending =
            memory.subjects['backup']?.claims.some(({ direction }) => direction === 'bad') ?? false;
          if (state === 'bad') expect(heard === 'trouble' || pending).toBe(true);
        });
        // The watch comes by: whatever is pending goes out.
        hours += 1;
        const claimant = { now: new Date(START + hours * HOUR), by: 'watch', leaseMs: LEASE };
        for (const telling of decide(memory, [], claimant).tell)
          heard = telling.direction === 'bad' ? 'trouble' : 'fine';
        if (state === 'bad') expect(heard).toBe('trouble');
      }),
      { numRuns: 1000 },
    );
  });

  test('within a day no subject is told more than a bounded number of times', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ state: fc.boolean(), fault: fc.nat(50) }), { maxLength: 200 }),
        (moves) => {
          const steps = moves.map(({ state, fault }, n) =>
            one(n / 10, state ? bad(n / 10, `f${fault}`) : good(n / 10)),
          );
          expect(play(steps).told.flat().length).toBeLessThanOrEqual(14);
        },
      ),
      { numRuns: 300 },
    );
  });
});
