import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POLICIES } from '../test/fakes/gcs-server/permissions.ts';
import { startGcsServer } from '../test/fakes/gcs-server/server.ts';
import { measure, run } from './measure.ts';
import type { Result } from './results.ts';
import { NAMES } from './subjects/names.ts';

const BUCKET = 'bench-bucket';
const CALL = join(import.meta.dirname, 'call-function.mjs');
const INDEX = new URL('../dist/functions/index.js', import.meta.url).href;

/**
 * A full backup through the function backup-now into the fake bucket of the tests, which sums what
 * it is sent and keeps none of it: it shares two cores and a disk with what is measured.
 */
export async function runFunction(folder: string, source: string): Promise<Result[]> {
  const server = await startGcsServer({
    buckets: { [BUCKET]: {} },
    policies: POLICIES(),
    large: 'nowhere',
  });
  const config = join(folder, 'lifeboat.yaml');
  const database = { source, inspection: { integrity: 'quick', sandboxLimit: '0B' } };
  await writeFile(
    config,
    JSON.stringify({ store: `gs://${BUCKET}`, databases: { shop: database } }),
  );
  try {
    const measured = await measure({
      command: process.execPath,
      args: [CALL, 'shop'],
      env: {
        LIFEBOAT_CONFIG: config,
        LIFEBOAT_GCS_ENDPOINT: server.as('backup'),
        TMPDIR: folder,
        METADATA_SERVER_DETECTION: 'none',
        NODE_ENV: 'production',
      },
    });
    const stored = [...server.bucket(BUCKET).objects.values()].reduce(
      (sum, { meta }) => sum + meta.size,
      0,
    );
    return [{ operation: 'full', program: NAMES.bucket, ...measured, stored }];
  } finally {
    await server.close();
  }
}

/**
 * Milliseconds of processor time to load what Google Cloud loads before the first request:
 * functions-framework and the registrations.
 */
export async function importCost(): Promise<number> {
  const script = `const { cpuUsage } = process; const before = cpuUsage(); await import(${JSON.stringify(INDEX)}); const { user, system } = cpuUsage(before); console.log((user + system) / 1000);`;
  const times: number[] = [];
  for (let n = 0; n < 5; n += 1)
    times.push(
      Number(
        await run({ command: process.execPath, args: ['--input-type=module', '--eval', script] }),
      ),
    );
  return Math.min(...times);
}
