import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  hasPart,
  isShell,
  hookPart,
  quote,
  withoutPart,
  withPart,
  wrapper,
} from '../../core/setup/hook/text.ts';

const part = hookPart({ command: 'true' }, [['backup', 'shop']]);
const other = hookPart({ command: 'false' }, [['backup', 'wiki']]);

describe('our part of a hook', () => {
  test.each([
    ['nothing', ''],
    ['a script', '#!/bin/sh\nset -eu\necho "$@"\ncat\n'],
    ['a script without a first line', 'echo hello\n'],
    ['a script without a last newline', '#!/bin/bash\necho hello'],
    ['a first line alone', '#!/bin/sh\n'],
  ])('comes before %s, is replaced alone, and goes without a trace', (_, text) => {
    const once = withPart(text, part);
    expect(once.startsWith(text.startsWith('#!') ? '#!' : '# >>> lifeboat')).toBe(true);
    expect(withPart(once, part)).toBe(once);
    const replaced = withPart(once, other);
    expect([replaced.includes('wiki'), replaced.includes('shop'), hasPart(replaced)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(withoutPart(replaced) ?? '').toBe(text.replace(/^#!.*\n/, '') === '' ? '' : text);
  });

  test('keeps a path with characters that are special to replace() and to the shell', () => {
    const strange = hookPart({ node: "/a b/$&/it's", main: '/x/$1`id`.js' }, [
      ['backup', "it's; rm -rf $HOME"],
    ]);
    expect(withPart(withPart('', part), strange)).toBe(strange);
    expect(execFileSync('/bin/sh', ['-n'], { input: strange }).toString()).toBe('');
  });

  test('is POSIX, alone and in a wrapper', () => {
    for (const text of [
      part,
      wrapper(part),
      hookPart({ node: '/n', main: '/m' }, [['a'], ['b', 'c d']]),
    ])
      expect(execFileSync('/bin/sh', ['-n'], { input: text }).toString()).toBe('');
  });

  test.each([['shop'], ["it's"], ['a b'], ['$HOME `id`'], ['']])(
    'quotes %j for the shell',
    (word) => {
      expect(execFileSync('/bin/sh', ['-c', `printf %s ${quote(word)}`]).toString()).toBe(word);
    },
  );

  test.each([
    ['#!/bin/sh', true],
    ['#!/bin/sh -e', true],
    ['#! /usr/bin/env bash', true],
    ['#!/usr/bin/env -S bash -eu', true],
    ['#!/usr/bin/zsh', true],
    ['#!/usr/bin/env python3', false],
    ['#!/usr/bin/fish', false],
    ['#!/usr/bin/env node', false],
    ['\u007FELF', false],
    ['', false],
  ])('is put into a script of the shell only: %s', (text, is) => {
    expect(isShell(`${text}\n`)).toBe(is);
  });
});
