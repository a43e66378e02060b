import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FAULTY } from '../support/gcs-child-plan.ts';
import { gcsServer } from '../support/gcs.ts';

const CODES = ['done', 'store_unreachable', 'store_denied', 'not_found', 'backup_damaged'];

describe('a process that uses a bucket', () => {
  test('has no unhandled rejection, no warning and no hang, whatever the server does', async () => {
    const { url } = await gcsServer();
    const child = join(import.meta.dirname, '../support/gcs-child.ts');
    // On an unhandled rejection Node exits with 1 and functions-framework with 16.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [child, url], {
      timeout: 110_000,
    });
    const outcomes = JSON.parse(stdout) as string[];
    expect(outcomes).toHaveLength(FAULTY.length * 8);
    expect(outcomes.filter((code) => !CODES.includes(code))).toEqual([]);
    expect(stderr).toBe('');
    expect(process.versions.node).toMatch(/^24\./);
  }, 120_000);
});
