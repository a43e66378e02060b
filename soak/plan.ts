import type { Random } from './random.ts';

export const DATABASES = ['orders', 'ledger', 'quiet'] as const;
export type Database = (typeof DATABASES)[number];

export type Operation =
  | {
      readonly type: 'backup';
      readonly database: Database;
      readonly kind: 'auto' | 'full';
      readonly key: string;
    }
  | { readonly type: 'restore-test' | 'verify'; readonly database: Database }
  | { readonly type: 'prune' | 'watch' };

/** What a process does: one operation, started a little later than the others, maybe killed. */
export type Job = {
  readonly operation: Operation;
  readonly delayMs: number;
  readonly killAfterMs: number | undefined;
};

export type Fault =
  | '503'
  | '503 after the effect'
  | '429'
  | 'reset'
  | 'reset after the effect'
  | 'cut';

export type RoundPlan = {
  /** How wrong the clock of every process of this round is, ms. */
  readonly clockMs: number;
  readonly jobs: readonly Job[];
  /** Store faults: which, and in how many of 1,000 calls. */
  readonly faults: { readonly types: readonly Fault[]; readonly perMille: number };
  /** Flip a bit of a stored object after the round, then see that it is found and built upon no more. */
  readonly damage: boolean;
};

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** Of each process, ms: what takes a second here may take a minute elsewhere. */
export const DEADLINE_MS = 5 * MINUTE;
const JUMPS = [365 * DAY, -365 * DAY, 2 * DAY, -2 * DAY, 90 * MINUTE, -90 * MINUTE];
const FAULTS: readonly Fault[] = [
  '503',
  '503 after the effect',
  '429',
  'reset',
  'reset after the effect',
  'cut',
];

/** The next round. Follows from the random numbers alone: the same seed gives the same rounds. */
export function planRound(random: Random, round: number): RoundPlan {
  const jobs: Job[] = [];
  for (let at = 0, count = random.between(2, 5); at < count; at += 1) {
    const job = planJob(random, `${round}-${at}`);
    jobs.push(job);
    // A redelivery: the same request once more, at about the same time.
    if (job.operation.type === 'backup' && random.chance(0.3))
      jobs.push({ ...job, delayMs: random.between(0, 1500), killAfterMs: undefined });
  }
  return {
    clockMs: random.chance(0.2) ? random.pick(JUMPS) : 0,
    jobs,
    faults: {
      types: FAULTS.filter(() => random.chance(0.5)),
      perMille: random.chance(0.5) ? random.between(5, 60) : 0,
    },
    damage: random.chance(0.15),
  };
}

function planJob(random: Random, key: string): Job {
  return {
    operation: planOperation(random, key),
    delayMs: random.between(0, 800),
    killAfterMs: random.chance(0.25) ? random.between(150, 2500) : undefined,
  };
}

function planOperation(random: Random, key: string): Operation {
  const database = random.pick(DATABASES);
  const dice = random.between(0, 100);
  if (dice < 60)
    return { type: 'backup', database, kind: random.chance(0.15) ? 'full' : 'auto', key };
  if (dice < 75) return { type: 'restore-test', database };
  if (dice < 85) return { type: 'verify', database };
  return { type: dice < 92 ? 'prune' : 'watch' };
}
