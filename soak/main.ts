import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DATABASES, planRound, type RoundPlan } from './plan.ts';
import { createRandom } from './random.ts';
import { runRound, type Memory, type Tally } from './round.ts';
import { createWorld } from './world.ts';

const USAGE = `npm run soak -- [--minutes 30] [--seed 1] [--store bucket|folder]

  --minutes  how long new rounds begin
  --seed     the same seed plans the same rounds
  --store    a fake bucket with faults, in which every round is a day, or a folder; by default half the time each
`;

const options = readArguments();
const stores = options.store === undefined ? (['bucket', 'folder'] as const) : [options.store];
for (const store of stores) await soak(store, options.minutes / stores.length, options.seed);

/** Rounds until the time is over. Ends the process with status 1 at the first finding. */
async function soak(store: 'bucket' | 'folder', minutes: number, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-soak-'));
  const plans = createRandom(seed);
  // Apart, because how many calls meet a fault depends on timing, and the plans must not.
  const random = createRandom(seed + 1);
  const world = await createWorld(folder, store, random);
  const memory: Memory = { leastRows: new Map(), newestRows: new Map(), damaged: new Set() };
  const tally: Tally = { processes: 0, killed: 0, backups: 0, failures: new Map(), restores: 0 };
  const until = Date.now() + minutes * 60_000;
  let round = 0;
  let plan: RoundPlan | undefined;
  try {
    while (round === 0 || Date.now() < until) {
      round += 1;
      plan = planRound(plans, round);
      await runRound(world, plan, memory, { random, tally });
    }
  } catch (error) {
    process.stdout.write(
      `FOUND in round ${round} of seed ${seed} (${store}): ${error instanceof Error ? error.stack : String(error)}\n` +
        `the round: ${JSON.stringify(plan)}\nthe databases and the store are in ${folder}\n`,
    );
    await world.close();
    process.exit(1);
  }
  await world.close();
  rmSync(folder, { recursive: true, force: true });
  const failures = [...tally.failures].map(([code, count]) => `${count} ${code}`).join(', ');
  process.stdout.write(
    `${store}: ${round} rounds, ${tally.processes} processes (${tally.killed} killed), ${tally.backups} backups of ` +
      `${DATABASES.length} databases, ${tally.restores} restores compared, nothing found; failures on the way: ${failures || 'none'}\n`,
  );
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        store: { type: 'string' },
      },
    });
    const { store } = values;
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    if (!(minutes > 0)) throw new Error('--minutes must be a positive number');
    if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number');
    if (store !== undefined && store !== 'bucket' && store !== 'folder')
      throw new Error('--store must be bucket or folder');
    return { minutes, seed, store } as const;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n\nusage: ${USAGE}`,
    );
    process.exit(2);
  }
}
