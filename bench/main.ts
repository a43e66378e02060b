import { mkdirSync } from 'node:fs';
import { availableParallelism, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments, USAGE, type Arguments } from './arguments.ts';
import { packageVersion } from '../core/app/version.ts';
import { countStoreCalls } from './calls.ts';
import { benchFleet } from './fleet/main.ts';
import { benchStatus } from './fleet/status.ts';
import { makeFolders, removeFolder } from './folders.ts';
import { importCost } from './functions.ts';
import { killRunning } from './measure.ts';
import { reportText } from './report/page.ts';
import type { Report } from './report/report.ts';
import { saveReport } from './report/save.ts';
import { summarise, type Result } from './results.ts';
import { findPeers, runChain, runFunctionOver, runRound, runUnderWriter } from './round.ts';
import { cachedShop } from './shop.ts';
import { NAMES, PEER_KEYS } from './subjects/names.ts';

const KEPT = 400;
const PEERS = PEER_KEYS.map((key) => NAMES[key]);
function print(text: string) {
  return void process.stdout.write(text);
}
function say(text: string) {
  return void process.stderr.write(`${text}\n`);
}

function readArguments(): Arguments {
  try {
    return parseArguments(process.argv.slice(2), tmpdir());
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\nusage: ${USAGE}`);
    process.exit(2);
  }
}

async function bench(options: Arguments, folder: string): Promise<void> {
  const { size, repeat, chain, without } = options;
  const peers = await findPeers(without);
  const base = await cachedShop(options.folder, folder, size);
  const results: Result[] = [];
  const loads = [loadavg()[0] ?? 0];
  for (let round = 1; round <= repeat; round += 1) {
    const own = join(folder, String(round));
    const inside = (name: string) => join(own, name);
    say(`round ${round} of ${repeat}`);
    // Right before the folder's full backup, which it is held against: a machine that others share
    // is not as fast all the time.
    say('full: through backup-now');
    const served = await runFunctionOver(inside('function'), base);
    results.push(...(await runRound({ folder: inside('programs'), base, peers, say })), ...served);
    say('full: under a writer');
    results.push(...(await runUnderWriter(inside('writer'), base, 'quick')));
    if (peers.has(NAMES.sqlite)) {
      say('full: integrity_check, under a writer');
      results.push(...(await runUnderWriter(inside('copied'), base, 'full')));
    }
    removeFolder(own);
    loads.push(loadavg()[0] ?? 0);
  }
  if (chain > 0) {
    say(`restore: a chain of ${chain}`);
    results.push(...(await runChain(join(folder, 'chain'), base, chain)));
  }
  mkdirSync(join(folder, 'calls'));
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    lifeboat: await packageVersion(),
    node: process.versions.node,
    peers: [...new Set([...peers.values()].flatMap((versions) => versions.split(', ')))].join(', '),
    absent: PEERS.filter((name) => !peers.has(name)),
    machine: `${availableParallelism()} cores, Linux ${release()}`,
    loads,
    size,
    rounds: repeat,
    chain,
    results: summarise(results),
    importMs: await importCost(),
    calls: await countStoreCalls(join(folder, 'calls'), KEPT),
  };
  print(reportText(report));
  if (options.save) await saveReport(report);
}

const options = readArguments();
if (process.platform !== 'linux') {
  say('the benchmark measures by /proc, which only Linux has');
  process.exit(2);
}
const folder = makeFolders(options.folder);
// In every ending: whatever is still running goes first, so that it does not write into what is
// being removed.
process.once('exit', () => {
  killRunning();
  removeFolder(folder);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  if (options.fleet > 0) await benchFleet(folder, options.fleet, print);
  else if (options.status > 0) await benchStatus(folder, options.status, print);
  else await bench(options, folder);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
