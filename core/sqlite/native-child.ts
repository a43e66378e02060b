import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MIB } from '../lib/text/units.ts';
import { notJudged, serveChild } from './child.ts';
import type { Engine } from './engine.ts';
import {
  judgeDatabase,
  judgeStructure,
  type Judgement,
  type JudgeQuestions,
} from './judge/judge.ts';
import { checkTables } from './judge/table-checks.ts';
import { openForJudging } from './untrusted.ts';

/** Without questions only the structure is judged. */
type NativeInput = { readonly path: string; readonly isPrivate: boolean } & (
  | { readonly questions: JudgeQuestions }
  | { readonly integrity: JudgeQuestions['integrity'] }
);

/** A smaller file is checked before threads have started. */
const LEAST_SPLIT_BYTES = 32 * MIB;
// The full check looks rows up in their indexes, and a large cache pays; the quick one meets each
// page once, and is a quarter faster with a small one.
const FULL_CACHE_KIB = 32_768;
const QUICK_CACHE_KIB = 2048;

async function judgeNatively({ path, isPrivate, ...inquiry }: NativeInput): Promise<Judgement> {
  const { integrity } = 'questions' in inquiry ? inquiry.questions : inquiry;
  const isSplit = integrity === 'full' && canSplit(path);
  const cacheKiB = integrity === 'full' && !isSplit ? FULL_CACHE_KIB : QUICK_CACHE_KIB;
  const isMapped = isPrivate && integrity === 'full';
  const db = openForJudging(path, { isMapped, cacheKiB });
  try {
    const engine: Engine = {
      name: 'node:sqlite',
      version: process.versions['sqlite'] ?? '',
      all: (sql) => db.prepare(sql).all(),
      count: (sql) => countRowsOf(db.prepare(sql).iterate()),
      checkTables: isSplit
        ? (tables) => checkTables(tables, { path, isMapped, cacheKiB: FULL_CACHE_KIB })
        : undefined,
    };
    return 'questions' in inquiry
      ? await judgeDatabase(engine, inquiry.questions)
      : await judgeStructure(engine, integrity);
  } finally {
    db.close();
  }
}

/**
 * A descriptor is opened only once: whether SQLite has opened the file behind it is found among the
 * open files of the process, where a second connection would find the file of the first.
 */
function canSplit(path: string): boolean {
  return (
    availableParallelism() > 1 &&
    !path.startsWith('/proc/') &&
    statSync(path).size >= LEAST_SPLIT_BYTES
  );
}

function countRowsOf(rows: Iterable<unknown>): number {
  let count = 0;
  for (const _ of rows) count += 1;
  return count;
}

serveChild(judgeNatively, notJudged);
