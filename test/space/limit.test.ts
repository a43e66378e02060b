import { expect, test } from 'vitest';
import { copyLimit, temporaryRoom, roomHint } from '../../core/space/limit.ts';

const [MIB, GIB] = [2 ** 20, 2 ** 30];
const machine = (free: number, total: number) => ({
  temporary: '/var/tmp',
  space: {
    memory: () => 512 * MIB,
    filesInMemory: false,
    free: async () => free,
    volume: async () => ({ free, total }),
    reserve: { share: 0.1 },
  },
});
const cloud = (memory: number | undefined) => {
  const { space, temporary } = machine(GIB, GIB);
  return { temporary, space: { ...space, filesInMemory: true, memory: () => memory } };
};

test.each([
  ['a large disk, of which 256 MiB stay free', machine(100 * GIB, 200 * GIB), 99.75 * GIB],
  ['a small disk, of which 5 % stay free', machine(50 * MIB, 100 * MIB), 45 * MIB],
  ['a disk that is all but full, of which half may be used', machine(MIB, GIB), MIB / 2],
  ['a function, whose process needs memory, too', cloud(512 * MIB), 192 * MIB],
  ['a function of unknown memory', cloud(undefined), undefined],
])('the room of %s', async (_, context, bytes) => {
  expect(await temporaryRoom(context)).toBe(bytes);
});

test.each([
  [64 * MIB, 'source_suspicious', 'shop is larger than its maxSize, 64 MiB'],
  [GIB, 'insufficient_space', 'shop is larger than the 95 MiB that may be used in /var/tmp'],
  [undefined, 'insufficient_space', 'shop is larger than the 95 MiB that may be used in /var/tmp'],
])('a copy with maxSize %s has the smaller limit', async (maxSize, code, message) => {
  const limit = await copyLimit(machine(100 * MIB, 100 * MIB), { name: 'shop', maxSize });
  expect(limit).toMatchObject({ bytes: Math.min(maxSize ?? GIB, 95 * MIB), code, message });
});

test.each([
  ['a function', { filesInMemory: true }, 'Set `run: job`'],
  ['a job with a disk', { filesInMemory: false, inJob: true }, 'Raise `maxSize`'],
  ['a job without a disk', { filesInMemory: true, inJob: true }, 'Raise `memory_mib` of the job'],
  ['a host', { filesInMemory: false }, 'set TMPDIR to another one'],
])('the hint for %s says what gives it room', (_, space, hint) => {
  expect(roomHint(space)).toContain(hint);
});
