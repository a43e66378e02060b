import { defineConfig } from 'vitest/config';

// unit: no system package, no root, little time. system: zstd, age, Python, tmpfs, large files.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/system/**'], testTimeout: 60_000 } },
      {
        test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 120_000, fileParallelism: false },
      },
    ],
  },
});
