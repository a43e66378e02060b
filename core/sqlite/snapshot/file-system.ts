import { statfsSync } from 'node:fs';

/** The `f_type` of statfs(2), as in linux/magic.h. */
const LOCAL_TYPES: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext2, ext3 and ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0xf2f52010, 'f2fs'],
  [0xca451a4e, 'bcachefs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
]);

/**
 * Whether this kernel alone writes to the file system of a path and keeps its times: then every
 * write shows in them at once. A network file system caches them, for up to a minute with NFS.
 */
export function keepsTimesHere(path: string): boolean {
  return process.platform === 'linux' && isLocalType(statfsSync(path).type);
}

/** Unknown types are not local: a needless copy costs time, a hidden writer costs the backup. */
export function isLocalType(type: number): boolean {
  // Some architectures report the type as a signed number of 32 bits.
  return LOCAL_TYPES.has(type >>> 0);
}
