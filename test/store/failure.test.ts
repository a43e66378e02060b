import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { ownUserName } from '../../core/lib/user-name.ts';
import { storeFailure } from '../../core/store/directory/failure.ts';

const ROOT = '/mnt/backups';
const user = ownUserName();
const systemError = (code: string, facts: Record<string, string> = {}) =>
  Object.assign(new Error(`${code}: as the system says it`), { code, ...facts });

describe('a failure of the folder store', () => {
  test.each([
    [
      'a folder of another user',
      'EACCES',
      { path: `${ROOT}/runs/dj/.tmp-123-456-0a1b2c3d-0123456789ab` },
      'store_denied',
      `permission denied: user ${user} cannot write to the store ${ROOT} (EACCES at ${ROOT}/runs/dj)`,
    ],
    [
      'the folder itself',
      'EPERM',
      { path: ROOT },
      'store_denied',
      `permission denied: user ${user} cannot write to the store ${ROOT}`,
    ],
    [
      'a read-only mount',
      'EROFS',
      {},
      'store_denied',
      `the store ${ROOT} is on a read-only file system`,
    ],
    ['a full disk', 'ENOSPC', {}, 'insufficient_space', `no space left in the store ${ROOT}`],
    [
      'a used-up quota',
      'EDQUOT',
      {},
      'insufficient_space',
      `user ${user} has used up the disk quota in the store ${ROOT}`,
    ],
    [
      'a broken disk',
      'EIO',
      { path: `${ROOT}/state/dj.json` },
      'store_unreachable',
      `the store ${ROOT} cannot be written to (EIO at ${ROOT}/state/dj.json)`,
    ],
    [
      'a file that another process took away',
      'ENOENT',
      { syscall: 'rename', path: `${ROOT}/state/dj.json` },
      'store_unreachable',
      `the store ${ROOT} cannot be written to (ENOENT at ${ROOT}/state/dj.json)`,
    ],
    [
      'a file system without hard links',
      'EPERM',
      { syscall: 'link', path: `${ROOT}/state/dj.json` },
      'store_denied',
      `the file system of the store ${ROOT} does not support hard links (EPERM)`,
    ],
  ])('names the store and the user: %s', (_, system, facts, code, message) => {
    expect(storeFailure(systemError(system, facts), ROOT, 'write to')).toMatchObject({
      code,
      message,
    });
  });

  test('has a hint with a command that can be pasted, whatever the folder is called', () => {
    const { hint } = storeFailure(
      systemError('EACCES'),
      "/mnt/Bob's disk",
      'read',
    ) as LifeboatError;
    expect(hint).toContain(String.raw`chown -R ${user} '/mnt/Bob'\''s disk'`);
  });

  test('leaves errors of Lifeboat and of programming as they are', () => {
    const ours = new LifeboatError('not_found', 'there is none', 'Look for it.');
    const bug = new TypeError('undefined is not a function');
    expect(storeFailure(ours, ROOT, 'read')).toBe(ours);
    expect(storeFailure(bug, ROOT, 'read')).toBe(bug);
  });
});
