import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

describe('the machine', () => {
  test.each([['zstd'], ['age'], ['python3'], ['sqlite3'], ['git'], ['curl']])(
    'has %s, which the system tests need',
    (program) => {
      expect(
        execFileSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim(),
      ).toSatisfy(existsSync);
    },
  );
});
