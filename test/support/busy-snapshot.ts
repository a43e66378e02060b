import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { takeSnapshot } from '../../core/sqlite/snapshot/snapshot.ts';
import { folder } from './files.ts';
import { expectConsistent, startWriter } from './writer.ts';

/** Takes snapshots of a database in this journal mode while another process writes to it. */
export async function expectConsistentSnapshots(mode: string): Promise<void> {
  const path = join(folder(), 'busy.db');
  const writer = await startWriter(path, mode, mode === 'wal' ? 0 : 5);
  for (let n = 0; n < 4; n += 1) {
    const directory = join(folder(), 'private');
    mkdirSync(directory, { mode: 0o700 });
    const seen: number[] = [];
    const before = writer.turns();
    const snapshot = await takeSnapshot(path, {
      directory,
      inPlace: true,
      onProgress: (done, total) => seen.push(done / total),
    });
    expectConsistent(snapshot.path);
    expect(readdirSync(directory).filter((name) => name.startsWith('raw'))).toEqual([]);
    if (snapshot.method === 'backup') expect(seen.at(-1)).toBe(1);
    await expect
      .poll(() => writer.turns(), { timeout: 60_000, interval: 10 })
      .toBeGreaterThan(before);
  }
}
