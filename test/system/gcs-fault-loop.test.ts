import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS, prepareTrial, type Kind, type Operation } from '../support/gcs-trial.ts';

// Everything that can go wrong between Lifeboat and the bucket, at the calls of each operation. A restore and a verify meet each kind of fault at every
// call. A backup makes some fifty calls and each trial takes some seconds, so of the positions of one kind of call one is drawn for each kind of fault,
// and of the kinds every other one: another one for each, and all kinds are hit. LIFEBOAT_TEST_EVERY_CALL=1 tries every call of a backup, too, which
// takes about an hour.

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
  verify: ['download', 'list'],
};
const WRITING: ReadonlySet<Operation> = new Set<Operation>(['full', 'incremental']);
const OPERATIONS = Object.keys(EXPECTED) as Operation[];

/** The positions (from 1) of a kind among the recorded calls; `turn` says which of them is drawn. */
const drawn = (calls: readonly Kind[], kind: Kind, turn: number): number | undefined => {
  const positions = calls.flatMap((each, at) => (each === kind ? [at + 1] : []));
  // Steps of a prime walk through all of them.
  return positions.length === 0 ? undefined : positions[(turn * 7 + 3) % positions.length];
};

const every = (operation: Operation): boolean =>
  !WRITING.has(operation) || process.env['LIFEBOAT_TEST_EVERY_CALL'] === '1';

/** The positions of a kind of call at which a fault is tried. */
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

describe('a fault between Lifeboat and the bucket', () => {
  test.each(OPERATIONS)(
    'once, in a %s: it succeeds or fails cleanly, and the next run succeeds',
    { timeout: 3_600_000 },
    async (operation) => {
      const trial = await prepareTrial();
      const calls = await trial.record(operation);
      expect([...new Set(calls)].sort()).toEqual([...EXPECTED[operation]].sort());
      const hit = new Set<Kind>();
      const ends: Record<string, number> = {};
      let [turn, trials] = [0, 0];
      for (const [name, fault, on, codes] of FAULTS)
        for (const position of on.flatMap((kind) =>
          positionsOf(operation, calls, kind, (turn += 1)),
        )) {
          trials += 1;
          const what = `${operation}: ${name} at call ${position} of ${calls.length} (${calls[position - 1]})`;
          let met: Kind | undefined;
          const { error } = await trial.run(
            operation,
            (call) => (call.position === position ? ((met = call.kind), fault) : undefined),
            what,
          );
          if (met) hit.add(met);
          const end = error?.code ?? 'ok';
          ends[end] = (ends[end] ?? 0) + 1;
          // What passes by itself is not even noticed; what does not is told in the terms of the table.
          if (!['403', '404', '412', 'a flipped bit'].includes(name)) expect(end, what).toBe('ok');
          else expect(['ok', ...codes], what).toContain(end);
        }
      console.info(
        `${operation}: ${trials} faults once, at ${calls.length} calls of ${hit.size} kinds: ${JSON.stringify(ends)}`,
      );
      expect([...hit].sort()).toEqual([...EXPECTED[operation]].sort());
      expect(stray).toEqual([]);
    },
  );

  test.each(OPERATIONS)(
    'for ever, from some call of a %s on: the right code, soon; and the next run succeeds',
    { timeout: 3_600_000 },
    async (operation) => {
      const trial = await prepareTrial();
      const calls = await trial.record(operation);
      let trials = 0;
      for (const [name, fault, on, codes] of FAULTS) {
        // Of a backup one of the kinds of calls for each fault, another one for each.
        const kinds = on.filter((kind) => calls.includes(kind));
        const kind = kinds[trials % kinds.length];
        const one = kind && drawn(calls, kind, trials);
        const some = one === undefined ? [] : [one];
        const positions = every(operation)
          ? kinds.flatMap((each) => positionsOf(operation, calls, each, 1))
          : some;
        for (const position of positions) {
          trials += 1;
          const what = `${operation}: ${name} from call ${position} of ${calls.length} on (${calls[position - 1]})`;
          const began = performance.now();
          const { error } = await trial.run(
            operation,
            (call) => (call.position >= position && on.includes(call.kind) ? fault : undefined),
            what,
          );
          expect(performance.now() - began, what).toBeLessThan(60_000);
          if (error) expect(codes, `${what}: ${error.message}`).toContain(error.code);
          // What comes after the last thing that counts (the summary, the record of the end) fails the run no more.
          else if (operation === 'restore') expect(codes, what).toEqual([]);
        }
      }
      console.info(`${operation}: ${trials} faults for ever`);
      expect(trials).toBeGreaterThan(7);
      expect(stray).toEqual([]);
    },
  );
});
