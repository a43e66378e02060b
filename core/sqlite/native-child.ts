import { notJudged, serveChild } from './child.ts';
import { openUntrusted } from './untrusted.ts';
import type { Engine } from './engine.ts';
import { judgeDatabase, judgeStructure, type Judgement, type JudgeQuestions } from './judge.ts';

/** Without questions only the structure is judged. */
type NativeInput = { readonly path: string } & (
  | { readonly questions: JudgeQuestions }
  | { readonly integrity: JudgeQuestions['integrity'] }
);

async function judgeNatively({ path, ...inquiry }: NativeInput): Promise<Judgement> {
  const db = openUntrusted(path);
  const { integrity } = 'questions' in inquiry ? inquiry.questions : inquiry;
  try {
    // The full check looks rows up in their indexes, and a large cache pays; the quick one meets
    // each page once, and is a quarter faster with a small one.
    const cacheKiB = integrity === 'full' ? 32_768 : 2048;
    db.exec(`pragma cache_size = -${cacheKiB}`);
    const engine: Engine = {
      name: 'node:sqlite',
      version: process.versions['sqlite'] ?? '',
      all: (sql) => db.prepare(sql).all(),
      count: (sql) => countRowsOf(db.prepare(sql).iterate()),
    };
    return 'questions' in inquiry
      ? judgeDatabase(engine, inquiry.questions)
      : judgeStructure(engine, integrity);
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
