import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from '../core/sqlite/inspect.ts';
import type { Target } from './target.ts';

const corpus = join(import.meta.dirname, '..', 'test', 'corpora', 'damaged');
/** More than either judge is allowed, ours and V8's own included; MiB. */
const MOST_MIB = 900;

/**
 * Database files in front of both judges, each in its own process as in production: no crash of
 * ours, an answer in time, and bounded memory.
 */
export const DATABASES: Target = {
  name: 'database files',
  weight: 1,
  mostMs: 60_000,
  inputs: async () =>
    readdirSync(corpus)
      .filter((name) => name.endsWith('.db'))
      .map((name) => readFileSync(join(corpus, name))),
  read: async (input) => {
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-fuzz-'));
    const memory = watchChildren();
    try {
      await inspectIn(folder, input);
    } finally {
      memory.stop();
      rmSync(folder, { recursive: true });
    }
    const peak = memory.peak();
    if (peak > MOST_MIB) throw new Error(`a judge took ${peak} MiB, more than ${MOST_MIB}`);
  },
};

/** Throws when the inspection leaves something beside the file. */
async function inspectIn(folder: string, input: Uint8Array): Promise<void> {
  const path = join(folder, 'fuzzed.sqlite3');
  writeFileSync(path, input);
  // By the length, so that each of the corpus meets its own mixture: the sandbox or the native
  // engine alone, and the full or the quick check.
  const integrity = input.length % 2 === 0 ? 'full' : 'quick';
  const sandboxLimit = input.length % 3 === 0 ? 0 : 1 << 30;
  const options = { timeoutMs: 20_000, allowEmpty: false, assertions: [] };
  await inspect(path, { ...options, integrity, sandboxLimit, foreignKeys: 'warn' });
  const others = readdirSync(folder).filter((name) => name !== 'fuzzed.sqlite3');
  if (others.length > 0)
    throw new Error(`the inspection left ${others.join(', ')} beside the file`);
}

/** The most memory that a child of this process has had resident, MiB; by /proc, so 0 elsewhere. */
function watchChildren(): { stop: () => void; peak: () => number } {
  let peak = 0;
  const look = (): void => {
    try {
      const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
      for (const child of children.split(' ').filter((each) => each !== '')) {
        const status = readFileSync(`/proc/${child}/status`, 'utf8');
        peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
      }
    } catch {
      // The child has just ended, or there is no /proc.
    }
  };
  const timer = setInterval(look, 10);
  return { stop: () => clearInterval(timer), peak: () => Math.round(peak) };
}
