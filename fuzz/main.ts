import { relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom, type Random } from '../soak/random.ts';
import { keepSeed, keptSeeds, tryCase } from './cases.ts';
import { DATABASES } from './databases.ts';
import { FORMATS } from './formats.ts';
import { mutate } from './mutate.ts';
import type { Target } from './target.ts';

const USAGE = `npm run fuzz -- [--minutes 20] [--seed 1] [--target <name>]

  --minutes  how long new cases begin; two thirds for the formats, one third for database files
  --seed     the same seed gives the same cases
  --target   one of: ${[...FORMATS, DATABASES].map(({ name }) => name).join(', ')}
`;
/** What this process may grow by, whatever it reads; MiB. */
const GROWTH_MIB = 700;

const { minutes, seed, targets } = readArguments();
const formats = targets.filter((target) => target !== DATABASES);
const shares: [readonly Target[], number][] =
  formats.length === 0 || formats.length === targets.length
    ? [[targets, minutes]]
    : [
        [formats, (minutes * 2) / 3],
        [[DATABASES], minutes / 3],
      ];
let findings = 0;
for (const [group, time] of shares) findings += await fuzz(group, time, createRandom(seed));
process.exit(findings === 0 ? 0 : 1);

/** Cases of these targets until the time is over; how many were findings. */
async function fuzz(group: readonly Target[], time: number, random: Random): Promise<number> {
  const inputs = new Map<Target, readonly Uint8Array[]>();
  const counts = new Map<Target, number>();
  let found = 0;
  const judge = async (target: Target, input: Uint8Array): Promise<void> => {
    counts.set(target, (counts.get(target) ?? 0) + 1);
    const finding = await tryCase(target, input);
    if (finding === undefined) return;
    found += 1;
    print(
      `FOUND in ${target.name}: ${finding}\n  kept as ${relative(process.cwd(), await keepSeed(target, input))}`,
    );
  };
  for (const target of group) {
    const kept = await keptSeeds(target);
    for (const input of kept) await judge(target, input);
    inputs.set(target, [...(await target.inputs()), ...kept]);
  }
  const urn = group.flatMap((target) => Array.from({ length: target.weight }, () => target));
  const until = Date.now() + time * 60_000;
  const start = process.memoryUsage.rss();
  for (let at = 0; found < 20 && (at % 256 !== 0 || Date.now() < until); at += 1) {
    const target = random.pick(urn);
    await judge(target, mutate(random, inputs.get(target) ?? []));
    // Lets Node free buffers, which it does not while only promises are resolved.
    if (at % 256 === 0) await nextTurn();
    const grown = (process.memoryUsage.rss() - start) / 2 ** 20;
    if (at % 256 === 0 && grown > GROWTH_MIB) {
      found += 1;
      print(`FOUND: this process grew by ${Math.round(grown)} MiB after ${at} cases`);
      break;
    }
    if (target === DATABASES && Date.now() >= until) break;
  }
  for (const [target, count] of counts)
    print(`${target.name}: ${count.toLocaleString('en-US')} cases`);
  print(found === 0 ? 'nothing found' : `${found} findings`);
  return found;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '20' },
        seed: { type: 'string', default: '1' },
        target: { type: 'string' },
      },
    });
    const all = [...FORMATS, DATABASES];
    const targets = all.filter(({ name }) => values.target === undefined || name === values.target);
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    if (!(minutes > 0)) throw new Error('--minutes must be a positive number');
    if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number');
    if (targets.length === 0) throw new Error(`there is no target ${values.target}`);
    return { minutes, seed, targets };
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n\nusage: ${USAGE}`,
    );
    process.exit(2);
  }
}
