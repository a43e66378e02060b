import { expect, test } from 'vitest';
import { isLocalType, keepsTimesHere } from '../../core/sqlite/snapshot/file-system.ts';
import { folder } from '../support/files.ts';

// Numbers of linux/magic.h.
test.each([
  ['ext4', 0xef53, true],
  ['xfs', 0x58465342, true],
  ['btrfs', 0x9123683e, true],
  ['btrfs, reported as a signed number', 0x9123683e | 0, true],
  ['zfs', 0x2fc12fc1, true],
  ['tmpfs', 0x01021994, true],
  ['overlay', 0x794c7630, true],
  ['NFS', 0x6969, false],
  ['SMB', 0x517b, false],
  ['CIFS', 0xff534d42, false],
  ['SMB 2', 0xfe534d42, false],
  ['FUSE', 0x65735546, false],
  ['9p', 0x01021997, false],
  ['Ceph', 0x00c36400, false],
  ['an unknown type', 0x12345678, false],
])('a database on %s is read in place only where its times cannot be stale', (_, type, local) => {
  expect(isLocalType(type)).toBe(local);
});

test('the file system of temporary files keeps its times here', () => {
  expect(keepsTimesHere(folder())).toBe(process.platform === 'linux');
});
