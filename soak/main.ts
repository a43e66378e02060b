import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DATABASES, planRound, type RoundPlan } from './plan.ts';
import { createRandom } from './random.ts';
import { runRound, type Memory, type Tally } from './round.ts';
import { createWorld } from './world.ts';

const USAGE = `npm run soak -- [--minutes 30 | --rounds N] [--seed 1] [--store bucket|folder]

  --minutes  how long new rounds begin
  --rounds   how many rounds each store gets, however long they take
  --seed     the same seed plans the same rounds: with --rounds, it repeats a run on any machine
  --store    a fake bucket with faults, in which every round is a day, or a folder; by default half the time each
`;

const options = readArguments();
const stores = options.store === undefined ? (['bucket', 'folder'] as const) : [options.store];
for (const store of stores) await soak(store, options.seed, createLimit());

/** Rounds until the limit. Ends the process with status 1 at the first finding. */
async function soak(
  store: 'bucket' | 'folder',
  seed: number,
  isOver: (rounds: number) => boolean,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-soak-'));
  const plans = createRandom(seed);
  // Apart, because how many calls meet a fault depends on timing, and the plans must not.
  const random = createRandom(seed + 1);
  const world = await createWorld(folder, store, random);
  const memory: Memory = { leastRows: new Map(), newestRows: new Map(), damaged: new Set() };
  const tally: Tally = { processes: 0, killed: 0, backups: 0, failures: new Map(), restores: 0 };
  let round = 0;
  let plan: RoundPlan | undefined;
  try {
    while (!isOver(round)) {
      round += 1;
      plan = planRound(plans, round);
      await runRound(world, plan, memory, { random, tally });
    }
  } catch (error) {
    process.stdout.write(
      `FOUND in round ${round} of seed ${seed} (${store}): ${error instanceof Error ? error.stack : String(error)}\n` +
        `the round: ${JSON.stringify(plan)}\nthe databases and the store are in ${folder}\n` +
        `again: npm run soak -- --rounds ${round} --seed ${seed} --store ${store}\n`,
    );
    await world.close();
    process.exit(1);
  }
  await world.close();
  // Children of killed processes may still be ending, and writing into it.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  const failures = [...tally.failures].map(([code, count]) => `${count} ${code}`).join(', ');
  process.stdout.write(
    `${store}: ${round} rounds, ${tally.processes} processes (${tally.killed} killed), ${tally.backups} backups of ` +
      `${DATABASES.length} databases, ${tally.restores} restores compared, nothing found; failures on the way: ${failures || 'none'}\n`,
  );
}

/** Whether a store has had its rounds, or its share of the time and at least one round. */
function createLimit(): (rounds: number) => boolean {
  const { minutes = 30, rounds: most } = options;
  if (most !== undefined) return (rounds) => rounds >= most;
  const end = performance.now() + (minutes / stores.length) * 60_000;
  return (rounds) => rounds > 0 && performance.now() >= end;
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string' },
        rounds: { type: 'string' },
        seed: { type: 'string', default: '1' },
        store: { type: 'string' },
      },
    });
    const { store } = values;
    const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    const seed = Number(values.seed);
    if (minutes !== undefined && rounds !== undefined)
      throw new Error('--minutes and --rounds exclude each other');
    if (minutes !== undefined && !(minutes > 0))
      throw new Error('--minutes must be a positive number');
    if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0))
      throw new Error('--rounds must be a positive whole number');
    if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number');
    if (store !== undefined && store !== 'bucket' && store !== 'folder')
      throw new Error('--store must be bucket or folder');
    return { minutes, rounds, seed, store } as const;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n\nusage: ${USAGE}`,
    );
    process.exit(2);
  }
}
