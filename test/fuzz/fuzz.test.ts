import { describe, expect, test } from 'vitest';
import { keptSeeds, tryCase } from '../../fuzz/cases.ts';
import { FORMATS } from '../../fuzz/formats.ts';
import { mutate } from '../../fuzz/mutate.ts';
import type { Target } from '../../fuzz/target.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { createRandom } from '../../soak/random.ts';

function targetThat(read: Target['read']): Target {
  return { name: 'a test', inputs: async () => [], read, weight: 1, mostMs: 50 };
}
const input = Buffer.from('{}');

describe('a finding', () => {
  test.each<[string, Target['read'], string]>([
    ['an error that is not ours', () => Buffer.alloc(-1), 'RangeError'],
    [
      'an error that blames Lifeboat',
      () => {
        throw new LifeboatError('internal', 'a fault in Lifeboat', 'Report it.');
      },
      'a fault in Lifeboat',
    ],
    ['a rejection', () => Promise.reject(new TypeError('undefined')), 'TypeError'],
    [
      'a case that takes too long',
      () => new Promise((resolve) => setTimeout(resolve, 80)),
      'more than 50',
    ],
  ])('is %s', async (_, read, text) => {
    expect(await tryCase(targetThat(read), input)).toContain(text);
  });

  test('is not an error that names what is wrong with the input, nor an answer', async () => {
    const refusing = targetThat(() => {
      throw new LifeboatError('backup_damaged', 'not a manifest', 'Restore another backup.');
    });
    expect(await tryCase(refusing, input)).toBeUndefined();
    expect(
      await tryCase(
        targetThat(() => 1),
        input,
      ),
    ).toBeUndefined();
  });
});

test('the same seed gives the same cases', () => {
  const cases = (seed: number): string[] => {
    const random = createRandom(seed);
    const inputs = [Buffer.from('{"a": [1, "x"], "b": {"c": null}}'), Buffer.from('no JSON')];
    return Array.from({ length: 200 }, () => mutate(random, inputs).toString('hex'));
  };
  expect(cases(3)).toEqual(cases(3));
  expect(cases(4)).not.toEqual(cases(3));
});

describe.each(FORMATS.map((target) => [target.name, target] as const))('%s', (_, target) => {
  test('valid inputs and earlier findings are read without a fault of ours', async () => {
    const inputs = [...(await target.inputs()), ...(await keptSeeds(target))];
    for (const each of inputs) expect(await tryCase(target, each)).toBeUndefined();
  });

  test('a hundred mutated inputs, too', async () => {
    const random = createRandom(1);
    const inputs = await target.inputs();
    for (let at = 0; at < 100; at += 1)
      expect(await tryCase(target, mutate(random, inputs))).toBeUndefined();
  });
});
