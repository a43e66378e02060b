import { randomInt } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { isRoot, openRegularFile } from '../descriptor.ts';
import type { SnapshotInput } from '../types.ts';

/**
 * As root, becomes the owner of the database, for good, before SQLite opens it: SQLite creates files
 * beside it, which must belong to the application's user, and it can read and write nothing that
 * the owner could not. Returns whether this process is now the owner, or root where the owner may
 * not enter a folder on the way to the database or to `directory`.
 */
export function becomeOwner({ source, directory }: SnapshotInput): boolean {
  const { uid, gid } = ownerOf(source);
  if (process.geteuid?.() === uid) return true;
  if (!isRoot()) return false;
  const groups = process.getgroups?.() ?? [];
  try {
    // The owner's other processes cannot enter this folder and replace the snapshot in it.
    const group = unusedGroup();
    chownSync(directory, 0, group);
    chmodSync(directory, 0o770);
    process.setgroups?.([group]);
    process.setegid?.(gid);
    process.seteuid?.(uid);
    closeSync(openSync(source, 'r'));
    statSync(`${directory}/.`);
  } catch {
    process.seteuid?.(0);
    process.setegid?.(0);
    // Root without capabilities may not, and then its groups are what they were.
    if (String(process.getgroups?.()) !== String(groups)) process.setgroups?.(groups);
    chmodSync(directory, 0o700);
    return true;
  }
  // The effective ids alone could be taken back. Only root may give up the others.
  process.seteuid?.(0);
  process.setgid?.(gid);
  process.setuid?.(uid);
  return true;
}

function ownerOf(source: string): { uid: number; gid: number } {
  const file = openRegularFile(source);
  try {
    return fstatSync(file);
  } finally {
    closeSync(file);
  }
}

/** A group that nobody is in: a random id from the middle of those that this machine or container has. */
function unusedGroup(): number {
  const [first = 0, , count = 2 ** 31] = groupRanges().at(-1) ?? [];
  return first + Math.floor(count / 2) + randomInt(Math.max(1, Math.floor(count / 4)));
}

/** Ranges of ids: the first one inside of the user namespace, the first one outside, how many. */
function groupRanges(): number[][] {
  try {
    const lines = readFileSync('/proc/self/gid_map', 'utf8').trim().split('\n');
    return lines.map((line) => line.trim().split(/\s+/).map(Number));
  } catch {
    return [];
  }
}
