import { describe, expect, test } from 'vitest';
import { simulateYears } from '../support/retention-simulation.ts';

describe('years of backups over a bucket that deletes what has expired', () => {
  test.each([2, 3, 4, 5, 6, 9, 13, 25])(
    'no backup is lost and the bucket does not grow with missed days, stopped schedules, crashes, two runs at once and changed settings (seed %i)',
    { timeout: 240_000 },
    async (seed) => {
      const counts = await simulateYears(seed, 4);
      expect(counts.runs).toBeGreaterThan(300);
      expect(counts.crashes).toBeGreaterThan(30);
      expect(counts.atOnce).toBeGreaterThan(10);
      expect(counts.paused).toBeGreaterThan(50);
    },
  );
});
