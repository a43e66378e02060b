import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runFleet } from '../../bench/fleet/fleet.ts';
import { folder } from '../support/files.ts';
import { emulatorJar, startEmulator } from './emulator.ts';

const jar = emulatorJar();

describe.skipIf(jar === undefined)('one message for a fleet', () => {
  test(
    'backs up each of 20 databases exactly once, in two processes',
    { timeout: 360_000 },
    async () => {
      const emulator = await startEmulator(jar ?? '');
      try {
        const { wrong, refusals } = await runFleet({
          databases: 20,
          processes: 2,
          serve: fileURLToPath(new URL('../../functions/serve.ts', import.meta.url)),
          folder: folder(),
          emulator: emulator.host,
          patienceMs: 120_000,
        });
        expect({ wrong, refusals }).toEqual({ wrong: [], refusals: 0 });
      } finally {
        await emulator.stop();
      }
    },
  );
});
