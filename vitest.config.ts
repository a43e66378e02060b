import { defineConfig } from 'vitest/config';

// Google's clients must not look for a metadata server in tests.
const env = { METADATA_SERVER_DETECTION: 'none' };

// unit: no system package, no root, little time. system: zstd, age, Python, tmpfs, large files. gcs: a real bucket, by `npm run test:gcs` only.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', env, include: ['test/**/*.test.ts'], exclude: ['test/system/**', 'test/gcs/**'], testTimeout: 60_000 } },
      {
        test: {
          name: 'system',
          env,
          include: ['test/system/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'gcs', env, include: ['test/gcs/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false } },
    ],
  },
});
