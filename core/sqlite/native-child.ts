import { notJudged, serveChild } from './child.ts';
import { openUntrusted } from './untrusted.ts';
import type { Engine } from './engine.ts';
import { judgeDatabase, judgeStructure, type Judgement, type JudgeQuestions } from './judge.ts';

/** Without questions only the structure is judged. */
type NativeInput = { path: string; questions: JudgeQuestions | undefined };

async function judgeNatively({ path, questions }: NativeInput): Promise<Judgement> {
  const db = openUntrusted(path);
  try {
    // The full check looks rows up in their indexes, and a large cache pays; the quick one meets
    // each page once, and is a quarter faster with a small one.
    const cacheKiB = questions?.integrity === 'full' ? 32_768 : 2048;
    db.exec(`pragma cache_size = -${cacheKiB}`);
    const engine: Engine = {
      name: 'node:sqlite',
      version: process.versions['sqlite'] ?? '',
      all: (sql) => db.prepare(sql).all(),
      count: (sql) => countRowsOf(db.prepare(sql).iterate()),
    };
    return questions ? judgeDatabase(engine, questions) : judgeStructure(engine);
  } finally {
    db.close();
  }
}

function countRowsOf(rows: Iterable<unknown>): number {
  let count = 0;
  for (const _ of rows) count += 1;
  return count;
}

serveChild(judgeNatively, notJudged);
