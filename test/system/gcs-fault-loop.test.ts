// The subject is the bucket, so SQLite's processes are shared, as in unit tests.
import '../support/engine/setup.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../fakes/gcs-server/types.ts';
import {
  FAULTS,
  prepareTrial,
  type Kind,
  type Operation,
  type Trial,
} from '../support/gcs-trial.ts';

// Everything that can go wrong between Lifeboat and the bucket, at the calls of each operation. A
// restore and a verify meet each kind of fault at every call. A backup makes some fifty calls, so
// for each kind of fault only every other kind of call is tried, at one position that differs from
// fault to fault; together they cover all kinds. LIFEBOAT_TEST_EVERY_CALL=1 tries every call of a
// backup, too, which takes about an hour.

const stray: unknown[] = [];
const note = (error: unknown): void => void stray.push(error);
beforeAll(() => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
});

const EXPECTED: Readonly<Record<Operation, readonly Kind[]>> = {
  full: ['download', 'get', 'list', 'insert', 'session', 'chunk', 'patch'],
  incremental: ['download', 'get', 'list', 'insert', 'session', 'chunk', 'patch'],
  restore: ['download', 'list'],
  verify: ['download', 'get', 'list'],
};
const WRITING: ReadonlySet<Operation> = new Set<Operation>(['full', 'incremental']);
const OPERATIONS = Object.keys(EXPECTED) as Operation[];

/** A position (from 1) of this kind among the recorded calls; `turn` selects which one. */
const drawn = (calls: readonly Kind[], kind: Kind, turn: number): number | undefined => {
  const positions = calls.flatMap((each, at) => (each === kind ? [at + 1] : []));
  // Steps of a prime visit all of them.
  return positions.length === 0 ? undefined : positions[(turn * 7 + 3) % positions.length];
};

const every = (operation: Operation): boolean =>
  !WRITING.has(operation) || process.env['LIFEBOAT_TEST_EVERY_CALL'] === '1';

/** The positions of this kind of call at which a fault is tried. */
const positionsOf = (
  operation: Operation,
  calls: readonly Kind[],
  kind: Kind,
  turn: number,
): number[] => {
  if (every(operation)) return calls.flatMap((each, at) => (each === kind ? [at + 1] : []));
  const position = turn % 2 === 0 ? undefined : drawn(calls, kind, turn);
  return position === undefined ? [] : [position];
};

/** A fault, and the call at which it happens. */
type Attempt = {
  readonly name: string;
  readonly fault: Fault;
  readonly on: readonly Kind[];
  readonly codes: (typeof FAULTS)[number][3];
  readonly position: number;
};

/** Most attempts wait for a timeout, so several run at once, each with its own bucket. */
const LANES = 3;
const attemptAll = async (
  attempts: readonly Attempt[],
  trial: Trial,
  work: (trial: Trial, attempt: Attempt) => Promise<void>,
): Promise<void> => {
  const trials = [trial];
  while (trials.length < LANES) trials.push(await prepareTrial());
  const waiting = [...attempts];
  await Promise.all(
    trials.map(async (own) => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await work(own, next);
    }),
  );
};

describe('a fault between Lifeboat and the bucket', () => {
  test.each(OPERATIONS)(
    'once during a %s: it succeeds or fails cleanly, and the next run succeeds',
    { timeout: 3_600_000 },
    async (operation) => {
      const first = await prepareTrial();
      const calls = await first.record(operation);
      expect([...new Set(calls)].sort()).toEqual([...EXPECTED[operation]].sort());
      const hit = new Set<Kind>();
      const ends: Record<string, number> = {};
      let turn = 0;
      const attempts = FAULTS.flatMap(([name, fault, on, codes]) =>
        on
          .flatMap((kind) => positionsOf(operation, calls, kind, (turn += 1)))
          .map((position) => ({ name, fault, on, codes, position })),
      );
      await attemptAll(attempts, first, async (trial, { name, fault, codes, position }) => {
        const what = `${operation}: ${name} at call ${position} of ${calls.length} (${calls[position - 1]})`;
        const { error } = await trial.run(
          operation,
          (call) => {
            if (call.position !== position) return undefined;
            hit.add(call.kind);
            return fault;
          },
          what,
        );
        const end = error?.code ?? 'ok';
        ends[end] = (ends[end] ?? 0) + 1;
        // A transient fault is not even noticed; the table has the codes of the others.
        if (!['403', '404', '412', 'a flipped bit'].includes(name)) expect(end, what).toBe('ok');
        else expect(['ok', ...codes], what).toContain(end);
      });
      console.info(
        `${operation}: ${attempts.length} faults once, at ${calls.length} calls of ${hit.size} kinds: ${JSON.stringify(ends)}`,
      );
      expect([...hit].sort()).toEqual([...EXPECTED[operation]].sort());
      expect(stray).toEqual([]);
    },
  );

  test.each(OPERATIONS)(
    'permanently from some call of a %s on: it soon fails with the right code, and the next run succeeds',
    { timeout: 3_600_000 },
    async (operation) => {
      const first = await prepareTrial();
      const calls = await first.record(operation);
      const attempts: Attempt[] = [];
      for (const [name, fault, on, codes] of FAULTS) {
        // For a backup, one kind of call for each fault, a different one each time.
        const kinds = on.filter((kind) => calls.includes(kind));
        const kind = kinds[attempts.length % kinds.length];
        const one = kind && drawn(calls, kind, attempts.length);
        const some = one === undefined ? [] : [one];
        const positions = every(operation)
          ? kinds.flatMap((each) => positionsOf(operation, calls, each, 1))
          : some;
        attempts.push(...positions.map((position) => ({ name, fault, on, codes, position })));
      }
      await attemptAll(attempts, first, async (trial, { name, fault, on, codes, position }) => {
        const what = `${operation}: ${name} from call ${position} of ${calls.length} on (${calls[position - 1]})`;
        const began = performance.now();
        const { error } = await trial.run(
          operation,
          (call) => (call.position >= position && on.includes(call.kind) ? fault : undefined),
          what,
        );
        expect(performance.now() - began, what).toBeLessThan(60_000);
        if (error) expect(codes, `${what}: ${error.message}`).toContain(error.code);
        // What follows the commit (the summary, the end record) no longer fails the run.
        else if (operation === 'restore') expect(codes, what).toEqual([]);
      });
      console.info(`${operation}: ${attempts.length} faults for ever`);
      expect(attempts.length).toBeGreaterThan(7);
      expect(stray).toEqual([]);
    },
  );
});
