import { expect, test } from 'vitest';
import { planRound, type RoundPlan } from '../../soak/plan.ts';
import { createRandom } from '../../soak/random.ts';

function planRounds(seed: number, count: number): RoundPlan[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, round) => planRound(random, round));
}

test('the same seed plans the same rounds, another seed plans others', () => {
  expect(planRounds(7, 50)).toEqual(planRounds(7, 50));
  expect(planRounds(8, 50)).not.toEqual(planRounds(7, 50));
});

test('rounds have every operation, kills, redeliveries, faults, damage and clocks a year off', () => {
  const rounds = planRounds(1, 400);
  const jobs = rounds.flatMap((round) => round.jobs);
  expect(new Set(jobs.map(({ operation }) => operation.type))).toEqual(
    new Set(['backup', 'restore-test', 'verify', 'prune', 'watch']),
  );
  expect(jobs.some(({ killAfterMs }) => killAfterMs !== undefined)).toBe(true);
  const keys = jobs.flatMap(({ operation }) =>
    operation.type === 'backup' ? [operation.key] : [],
  );
  expect(new Set(keys).size).toBeLessThan(keys.length);
  expect(new Set(rounds.flatMap(({ faults }) => faults.types)).size).toBe(6);
  expect(rounds.some(({ damage }) => damage)).toBe(true);
  const years = new Set(rounds.map(({ clockMs }) => Math.round(clockMs / (365 * 86_400_000))));
  expect([...years].sort((a, b) => a - b)).toEqual([-1, 0, 1]);
  // Most rounds have the right time, or nothing would ever be the newest backup.
  expect(rounds.filter(({ clockMs }) => clockMs === 0).length).toBeGreaterThan(250);
});
