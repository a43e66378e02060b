import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder } from '../support/files.ts';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'audit.ts');

/** Runs the audit with a FAKE npm that prints this. */
function audit(output: string) {
  const bin = folder();
  writeFileSync(join(bin, 'report'), output);
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$@" >${bin}/arguments\ncat ${bin}/report\n`);
  chmodSync(join(bin, 'npm'), 0o755);
  const { status, stdout } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
  });
  return { status, stdout };
}

const KNOWN = { zip: { severity: 'high', range: '<2.0.1' } };

test.each([
  [
    'fails on a known vulnerability',
    JSON.stringify({ metadata: { vulnerabilities: { high: 1 } }, vulnerabilities: KNOWN }),
    1,
    'high: zip <2.0.1',
  ],
  [
    'passes without one',
    JSON.stringify({ metadata: { vulnerabilities: { high: 0 } }, vulnerabilities: {} }),
    0,
    'no known vulnerability',
  ],
  ['is skipped, and says so, without advisories', '{"error":{"code":"ENOTFOUND"}}', 0, 'skipped:'],
])('the audit of production dependencies %s', (_, output, status, text) => {
  expect(audit(output)).toEqual({ status, stdout: expect.stringContaining(text) });
});
