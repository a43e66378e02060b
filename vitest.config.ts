import { join } from 'node:path';
import { statfsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';

const env = {
  // Google's clients must not look for a metadata server in tests.
  METADATA_SERVER_DETECTION: 'none',
  // Each backup starts processes of its own, from TypeScript here: stripped and compiled once, they
  // start in less than half the time.
  NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile'),
};
/** One file at a time. */
const ALONE = { env, hookTimeout: 120_000, fileParallelism: false };
/** System tests that do not run beside others. */
const SYSTEM_ALONE = [
  // They fill a file system, or become other users.
  'full-disk',
  'other-users',
  // They build dist/, which other tests run.
  'package',
  'npm-package',
  // They measure time, or start more processes than there are cores.
  'several-processes',
  'signals',
  'soak',
].map((name) => `test/system/${name}.test.ts`);

// test/README.md says what each suite covers and needs. Suites with different numbers of workers
// need groups of their own when they run together.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env: { ...env, TMPDIR: folderInMemory() },
          include: ['test/**/*.test.ts'],
          exclude: ['test/{system,e2e,gcs}/**'],
          setupFiles: ['test/support/engine/setup.ts'],
          // Files share a few processes, so that modules are loaded once in each. A test undoes what
          // it changes in its process.
          isolate: false,
          unstubEnvs: true,
          unstubGlobals: true,
          restoreMocks: true,
          // More than there are cores, because some tests wait.
          maxWorkers: Math.ceil(availableParallelism() * 1.5),
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          env,
          include: ['test/system/**/*.test.ts'],
          exclude: SYSTEM_ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system-alone',
          ...ALONE,
          include: SYSTEM_ALONE,
          sequence: { groupOrder: 2 },
          testTimeout: 600_000,
        },
      },
      { test: { name: 'e2e', ...ALONE, include: ['test/e2e/**/*.test.ts'], testTimeout: 240_000 } },
      { test: { name: 'gcs', ...ALONE, include: ['test/gcs/**/*.test.ts'], testTimeout: 300_000 } },
    ],
  },
});

/** Where SQLite need not wait for a disk, if there is enough room (a container may have 64 MiB). */
function folderInMemory(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 2 ** 30 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}
