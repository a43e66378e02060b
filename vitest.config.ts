import { defineConfig } from 'vitest/config';

// unit: no system package, no root, little time. system: zstd, age, Python, tmpfs, large files. e2e: Java and Google's Pub/Sub emulator.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/{system,e2e}/**'], testTimeout: 60_000 } },
      {
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 120_000, fileParallelism: false },
      },
      {
        test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 120_000, fileParallelism: false },
      },
    ],
  },
});
