import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sql, SMALL } from '../support/databases.ts';
import { BARE } from '../support/environment.ts';
import { folder } from '../support/files.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');
// Types into a pseudo-terminal, an answer after each question.
const TYPIST = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:3] + ['init'])
said, answers = b'', sys.stdin.buffer.read().split(b'\\0')
mark = 0
try:
    while True:
        part = os.read(fd, 4096)
        if not part: break
        said += part
        if answers and (b'?' in said[mark:] or b'expression' in said[mark:] or b'yes or no' in said[mark:] or b'Numbers' in said[mark:]) and said.rstrip(b' \\x1b[0123456789GKJ').endswith(b':'):
            mark = len(said)
            os.write(fd, answers.pop(0))
except OSError: pass
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const type = (cwd: string, ...answers: string[]) => {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', TYPIST, process.execPath, main], {
    cwd,
    encoding: 'utf8',
    input: answers.join('\0'),
    env: { ...BARE, TMPDIR: cwd, TZ: 'UTC', TERM: 'xterm' },
    timeout: 120_000,
  });
  return { status, said: stdout + stderr };
};

describe('lifeboat init on a terminal', () => {
  test('asks with suggestions and writes the answers', () => {
    const cwd = folder();
    for (const name of ['notes.db', 'shop.db']) sql(join(cwd, name), SMALL);
    const { status, said } = type(
      cwd,
      '2\r',
      'kept\r',
      '3am\r',
      '2\r',
      '\r',
      'Europe/Lisbon\r',
      'ops@example.com\r',
      'no\r',
    );
    expect(status, said).toBe(0);
    expect(said).toMatch(/1 {2}notes\.db[^]*2 {2}shop\.db[^]*\[1, 2\][^]*lifeboat backup shop/);
    const text = readFileSync(join(cwd, 'lifeboat.yaml'), 'utf8');
    for (const part of [
      'store: kept',
      'timeZone: Europe/Lisbon',
      'source: shop.db',
      '"0 3 * * *"',
      'ops@example.com',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('notes.db');
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('writes nothing after %s in the middle', (_, key) => {
    const cwd = folder();
    sql(join(cwd, 'shop.db'), SMALL);
    const { status, said } = type(cwd, '\r', 'kept\r', key);
    expect([status, said]).toEqual([130, expect.stringContaining('interrupted')]);
    expect(readdirSync(cwd)).toEqual(['shop.db']);
  });
});
