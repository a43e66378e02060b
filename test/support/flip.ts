import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';

/** Flips a bit in the middle; `quietly` keeps the time of the file, as a failing disk does. */
export function flip(path: string, quietly = true): void {
  const { atime, mtime } = statSync(path, { bigint: true });
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
  if (!quietly) return;
  utimesSync(path, atime, mtime);
  // utimes is less precise than the file system, so the sidecar gets the time that was set.
  const sidecar = `${path}.meta`;
  const content = readFileSync(sidecar, 'utf8');
  const now = statSync(path, { bigint: true }).mtimeNs;
  writeFileSync(sidecar, content.replace(/"mtime":"\d+"/, `"mtime":"${now}"`));
}
