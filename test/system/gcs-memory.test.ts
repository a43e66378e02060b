import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BUCKET } from '../support/gcs.ts';
import { folder } from '../support/files.ts';

const MIB = 2 ** 20;
const SIZE = 300 * MIB;

describe('the memory of a transfer', () => {
  test('300 MiB are uploaded and downloaded in less than half as much memory', async () => {
    const server = spawn(process.execPath, [
      join(import.meta.dirname, '../fakes/gcs-server/main.ts'),
      '--bucket',
      BUCKET,
      '--stdin',
      '--folder',
      folder(),
    ]);
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    try {
      const child = join(import.meta.dirname, '../support/gcs-transfer.ts');
      const { stdout } = await promisify(execFile)(process.execPath, [child, url, String(SIZE)], {
        timeout: 300_000,
      });
      const seen = JSON.parse(stdout) as {
        size: number;
        same: boolean;
        before: number;
        peak: number;
        upMs: number;
        downMs: number;
      };
      process.stdout.write(stdout);
      expect(seen).toMatchObject({ size: SIZE, same: true });
      expect(seen.peak - seen.before).toBeLessThan(140 * MIB);
    } finally {
      server.stdin.end();
      await once(server, 'exit');
    }
  });
});
