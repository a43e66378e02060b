import { mkdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emulatorJar, startEmulator } from '../../test/e2e/emulator.ts';
import { runFleet, type FleetResult } from './fleet.ts';

const SERVE = fileURLToPath(new URL('../../dist/functions/serve.js', import.meta.url));
const PROCESSES = 4;
const PATIENCE_MS = 300_000;
const STEPS = [10, 100, 1000];

/**
 * Measures one `*` message for 10, 100 and 1,000 databases, up to `databases`. Prints a table, and
 * throws when a database was not backed up exactly once.
 */
export async function benchFleet(
  folder: string,
  databases: number,
  print: (text: string) => void,
): Promise<void> {
  const jar = emulatorJar();
  if (jar === undefined) throw new Error('there is no Pub/Sub emulator of the Google Cloud SDK');
  // Otherwise Google's client looks for the metadata server of a virtual machine.
  process.env['METADATA_SERVER_DETECTION'] = 'none';
  const emulator = await startEmulator(jar);
  const steps = [...new Set([...STEPS.filter((step) => step < databases), databases])];
  try {
    print(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}\n\n${HEADER}`);
    for (const step of steps) {
      const own = join(folder, String(step));
      mkdirSync(own);
      const options = { databases: step, processes: PROCESSES, serve: SERVE, folder: own };
      const result = await runFleet({
        ...options,
        emulator: emulator.host,
        patienceMs: PATIENCE_MS,
      });
      print(row(result));
      if (result.wrong.length > 0)
        throw new Error(`not backed up exactly once: ${result.wrong.slice(0, 5).join(', ')}`);
    }
    print(`\nload ${loadavg()[0]?.toFixed(1)}\n`);
  } finally {
    await emulator.stop();
  }
}

const HEADER = `| databases | processes | wall s | s per database | requests per database | KiB sent | KiB received | refused deliveries |
|---|---|---|---|---|---|---|---|
`;

function row({ databases, processes, wall, calls, sent, received, refusals }: FleetResult): string {
  const each = (value: number, digits: number): string => (value / databases).toFixed(digits);
  return `| ${databases} | ${processes} | ${wall.toFixed(1)} | ${each(wall, 2)} | ${each(calls, 1)} | ${each(sent / 1024, 0)} | ${each(received / 1024, 0)} | ${refusals} |\n`;
}
