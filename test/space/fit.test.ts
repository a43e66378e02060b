import { expect, test } from 'vitest';
import { fitSpace, type Space } from '../../core/space/fit.ts';

const MIB = 2 ** 20;
const space = (more: Partial<Space>): Space => ({
  size: 100 * MIB,
  sandboxLimit: 1024 * MIB,
  memory: undefined,
  filesInMemory: false,
  free: undefined,
  ...more,
});

test.each<[string, Partial<Space>, object]>([
  ['a host without limits', {}, { fits: true, sandboxLimit: 1024 * MIB }],
  [
    'a full temporary folder',
    { free: 100 * MIB - 1 },
    { fits: false, short: 'temporary', needed: 100 * MIB },
  ],
  ['a temporary folder of just the size', { free: 100 * MIB }, { fits: true }],
  [
    'a function with room for both',
    { memory: 1024 * MIB, filesInMemory: true },
    { fits: true, sandboxLimit: 1024 * MIB },
  ],
  [
    'a function with room for the native judge only',
    { memory: 512 * MIB, filesInMemory: true },
    { fits: true, sandboxLimit: 0 },
  ],
  [
    'a function without room',
    { memory: 256 * MIB, filesInMemory: true },
    { fits: false, short: 'memory', needed: 420 * MIB, available: 256 * MIB },
  ],
  [
    'a host whose memory is short of the sandbox',
    { memory: 400 * MIB },
    { fits: true, sandboxLimit: 0 },
  ],
  [
    'a host that says it has hardly any memory, since that counts its page cache as used',
    { memory: 10 * MIB },
    { fits: true, sandboxLimit: 0 },
  ],
  [
    'a file over the limit of the sandbox',
    { size: 2048 * MIB, memory: 4096 * MIB, filesInMemory: true },
    { fits: true, sandboxLimit: 1024 * MIB },
  ],
])('%s', (_, more, expected) => {
  expect(fitSpace(space(more))).toMatchObject(expected);
});
