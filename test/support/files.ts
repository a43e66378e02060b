import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A temporary folder that is removed when the test ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lifeboat-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Name, mode, owner, content and modification time of everything in a folder: when equal before and after, nothing was touched. */
export function fingerprint(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mode, uid, gid, mtimeNs, size } = statSync(join(path, name), { bigint: true });
      const content = statSync(join(path, name)).isFile() ? sha256(join(path, name)) : '';
      return [name, mode, uid, gid, mtimeNs, size, content].join(' ');
    });
}
